/**
 * How every process talks to PostgreSQL: connections, identifiers, the catalog as values, and the one decoder of values.
 *
 * <p>A snapshot, the stream, a comparison and a preview must see one value alike; so there is one decoder, and it is here.
 */
@NullMarked
package io.sluice.platform.postgres;

import org.jspecify.annotations.NullMarked;

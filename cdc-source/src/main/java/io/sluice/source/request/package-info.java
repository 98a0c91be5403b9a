/**
 * What operators ask of a running source: small JSON records in one compacted topic, keyed by table; the last of a table holds.
 *
 * <p>Invariants: a request is taken up in the Kafka transaction that stores its name with the table, so it is taken up once; a
 * source reads requests and never writes them.
 */
@NullMarked
package io.sluice.source.request;

import org.jspecify.annotations.NullMarked;

/**
 * Hypertables: what makes a plain target table one, and what keeps it small.
 *
 * <p>A server of TimescaleDB's Apache edition can't do all of it; what it can't do is said, and left out.
 */
@NullMarked
package io.sluice.sink.timescale;

import org.jspecify.annotations.NullMarked;

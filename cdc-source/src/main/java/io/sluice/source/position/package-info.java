/**
 * What a source must find again after a restart: one compacted topic of small JSON records, keyed by kind.
 *
 * <p>Invariants: every record is written in the Kafka transaction of what it speaks of, and read {@code read_committed} to the
 * end after the former process has been fenced. An intent is written before anything is made in the source, the fact after.
 */
@NullMarked
package io.sluice.source.position;

import org.jspecify.annotations.NullMarked;

/**
 * What a run of row records does to the target, worked out before any of it is done. Pure: no Kafka, no JDBC, no clock.
 *
 * <p>Invariant: the writes of a batch leave the same rows as its records would, applied one by one; and so does any way of
 * cutting a run of records into batches, whole pieces of it repeated or not.
 */
@NullMarked
package io.sluice.sink.batch;

import org.jspecify.annotations.NullMarked;

/**
 * The Kafka Streams application of a service: change topics in, row topics out, exactly once.
 *
 * <p>Invariants: it only routes what the mapping says; no repartition topics and no state; the rows that a record became and
 * the record's offset are committed in one Kafka transaction; a record that can't be read or mapped stops the service and is
 * never stepped over; no message or log line holds a row's values.
 */
@NullMarked
package io.sluice.transform.topology;

import org.jspecify.annotations.NullMarked;

/**
 * The Kafka Streams application of a service: change topics in, row topics out, exactly once.
 *
 * <p>Invariants: it only routes what the mapping says; no repartition topics; the rows that a record became, what is
 * remembered of it and its offset are committed in one Kafka transaction; a record that can't be read or mapped goes to the dead
 * letters in that transaction, exactly as it was, and no later change of its key overtakes it; a service stops rather than write
 * too many of them; no message or log line holds a row's values.
 */
@NullMarked
package io.sluice.transform.topology;

import org.jspecify.annotations.NullMarked;

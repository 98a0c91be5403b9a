/**
 * From PostgreSQL's logical replication messages to the sealed changes of the model.
 *
 * <p>The messages arrive as the server wrote them, every value as text: nothing on the way rounds or reformats one, and the
 * decoder is the same that a snapshot's rows go through. Free of Kafka and Debezium.
 */
@NullMarked
package io.sluice.source.decode;

import org.jspecify.annotations.NullMarked;

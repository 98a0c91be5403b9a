/**
 * A genuine Kafka broker inside this JVM: KRaft, broker and controller in one node.
 *
 * <p>Invariants: the cluster id belongs to the data folder and never changes with it; both listeners are bound to 127.0.0.1
 * before Kafka starts, so no other process can take a port between choosing and using it; topics are never created by
 * accident; group offsets outlive any pause of the machine.
 */
@NullMarked
package io.sluice.localstack.kafka;

import org.jspecify.annotations.NullMarked;

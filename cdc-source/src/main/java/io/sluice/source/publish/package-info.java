/**
 * The one producer of a source: changes and the offset that belongs to them in one Kafka transaction.
 *
 * <p>Invariants: a Kafka transaction ends only at a boundary of the source's transactions; what is served as committed is
 * committed in Kafka; whoever is fenced stops.
 */
@NullMarked
package io.sluice.source.publish;

import org.jspecify.annotations.NullMarked;

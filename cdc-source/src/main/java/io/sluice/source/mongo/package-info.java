/**
 * Captures collections of one MongoDB replica set or sharded cluster, with the driver's own change stream, exactly once into
 * Kafka.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>Changes, the resume token after them, and how far each first load is are stored in one Kafka transaction, which ends only
 *       where every change of a cluster time is in it.
 *   <li>Each collection has a <em>horizon</em>: no document of it was read as of a later time. Up to its horizon the stream is
 *       not taken at its word: the document is read again as of the horizon or later, so no key ever goes back. The horizon is
 *       stored with what was read.
 *   <li>What ends a collection, a drop or a new name, halts that collection alone; what breaks the stream halts the source.
 * </ul>
 */
@NullMarked
package io.sluice.source.mongo;

import org.jspecify.annotations.NullMarked;

/**
 * The first load: tables read as of one exported snapshot, by several connections at once, in ranges of their pages.
 *
 * <p>Invariants: a table's completion is stored in the Kafka transaction of its last rows. Rows stand at a boundary, before every
 * later event. A load that had to be begun again later says which transactions it has seen, and their events are dropped.
 */
@NullMarked
package io.sluice.source.snapshot;

import org.jspecify.annotations.NullMarked;

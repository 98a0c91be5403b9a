/**
 * The target database: what its tables are, the few statements that change them, and what its errors mean.
 *
 * <p>Values travel as one binary array a column and are cast to the target's own type, without its length or precision: an
 * explicit cast would cut what is too long, where the assignment that follows refuses it. Nothing here drops a column or a
 * table, and a type is only changed for one that holds every value as it is.
 */
@NullMarked
package io.sluice.sink.sql;

import org.jspecify.annotations.NullMarked;

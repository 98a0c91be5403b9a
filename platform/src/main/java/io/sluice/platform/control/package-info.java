/**
 * What outlives every process and is not needed for any change to go on: who asked for what and why, and how comparisons came out.
 * Kept in the schema {@code sluice_control} of the database that {@code control:} names.
 *
 * <p>Invariants: no stage reads or writes it; entries are added and never changed, but for how an action ended.
 */
@NullMarked
package io.sluice.platform.control;

import org.jspecify.annotations.NullMarked;

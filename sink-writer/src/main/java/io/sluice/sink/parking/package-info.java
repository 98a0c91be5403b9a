/**
 * Rows that the target does not take, in services whose keys go side by side: how exactly these are found, where they wait with
 * the later changes of their keys, and how they are told.
 *
 * <p>Invariants: a record is applied, superseded or held in {@code sluice.parked}, and which of these is decided in the database
 * transaction that moves the ledger over it; no change of a key is applied while an earlier one of it is held, unless it says all
 * of the row and comes from a load, or its service is one of best effort; a held record leaves the table only in the transaction that applies it, or something newer, or by an operator's
 * word. A service that skips nothing has nothing to do with this package.
 */
@NullMarked
package io.sluice.sink.parking;

import org.jspecify.annotations.NullMarked;

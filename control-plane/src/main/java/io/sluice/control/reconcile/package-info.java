/**
 * Whether a target table holds what its source rows become, told while both are being written to.
 *
 * <p>The same compiled mapping as the transform's says what a row is to be, and the one value decoder reads both sides. A row
 * that differs is only a suspicion: it counts once it still differs at the same version of both sides after everything that the
 * source had committed was applied. Memory does not grow with the tables.
 */
@NullMarked
package io.sluice.control.reconcile;

import org.jspecify.annotations.NullMarked;

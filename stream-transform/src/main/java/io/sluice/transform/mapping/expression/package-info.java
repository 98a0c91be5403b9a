/**
 * Expressions of the pipeline file: CEL, with exact decimals.
 *
 * <p>Invariants: an expression is typed when it is compiled, and its result depends on the row alone, never on a clock or a
 * machine; its cost is bounded by its length and the row's size; no number is rounded on the way; a failure never tells a
 * value. Compiled expressions are immutable and safe for use by several threads.
 */
@NullMarked
package io.sluice.transform.mapping.expression;

import org.jspecify.annotations.NullMarked;

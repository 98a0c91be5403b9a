/**
 * How a pipeline is, put together from facts that hold whichever processes run: what sources, topics, groups and targets say, and,
 * for causes and rates alone, what stages last said of themselves.
 *
 * <p>Invariants: values only, no I/O; where something could not be asked it is unknown, never zero.
 */
@NullMarked
package io.sluice.control.status;

import org.jspecify.annotations.NullMarked;

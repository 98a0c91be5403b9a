/**
 * The commands, one class each: they read arguments, call what does the work, print, and choose the exit code.
 *
 * <p>A mistake of the user ends in one sentence and exit code 2, never in a stack trace.
 */
@NullMarked
package io.sluice.app.cli;

import org.jspecify.annotations.NullMarked;

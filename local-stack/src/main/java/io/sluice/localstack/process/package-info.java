/**
 * Child processes, folders and ports that don't outlive the process that made them.
 *
 * <p>A JVM that is killed with {@code kill -9} runs no shutdown hook, so nothing in it can clean up. What can is another
 * process: every child and every temporary folder has a tiny {@code sh} guard whose standard input is a pipe that only this
 * JVM holds open. However the JVM ends, the kernel closes the pipe, and the guard does its work.
 *
 * <p>Invariants: a guard ends exactly the process it started itself, never one that merely has the same number; a folder
 * is removed only if it carries the mark of a temporary folder; guards run in a session of their own, so a Ctrl-C in the
 * terminal reaches the JVM alone and the order of the shutdown stays the JVM's.
 */
@NullMarked
package io.sluice.localstack.process;

import org.jspecify.annotations.NullMarked;

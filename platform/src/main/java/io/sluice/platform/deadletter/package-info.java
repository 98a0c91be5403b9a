/**
 * The form of a dead letter: a record that could not go on, exactly as it was, and beside it in headers what was wrong.
 *
 * <p>Invariants: key, value and the record's own headers are never altered; nothing that is said about a record holds a value of
 * it; the place that the record came from tells a letter from every other, so a letter that was written twice is known as one.
 */
@NullMarked
package io.sluice.platform.deadletter;

import org.jspecify.annotations.NullMarked;

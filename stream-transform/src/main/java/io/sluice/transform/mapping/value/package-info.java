/**
 * Values: the way to a field of a document, and what a value of one type becomes as a value of another.
 *
 * <p>Invariants: nothing is rounded, cut, padded or guessed. A value that the type wanted can't hold is an {@link
 * io.sluice.transform.mapping.value.UnfitValueException}, whose reason never holds the value. Everything here is immutable and
 * safe for use by several threads.
 */
@NullMarked
package io.sluice.transform.mapping.value;

import org.jspecify.annotations.NullMarked;

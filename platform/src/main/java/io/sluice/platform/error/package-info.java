/**
 * Errors named for the reaction they call for. Each says what happened, where, and what to do next; none carries a row value
 * or a secret.
 */
@NullMarked
package io.sluice.platform.error;

import org.jspecify.annotations.NullMarked;

/** What a stage finds out before it starts, as data: an error is only that a check could not run. */
@NullMarked
package io.sluice.platform.preflight;

import org.jspecify.annotations.NullMarked;

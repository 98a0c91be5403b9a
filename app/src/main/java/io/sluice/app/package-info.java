/** The entry point of every process. */
@NullMarked
package io.sluice.app;

import org.jspecify.annotations.NullMarked;

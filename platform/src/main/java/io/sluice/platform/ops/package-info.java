/** What an operator sees of a process: figures, and an HTTP server that shows them. */
@NullMarked
package io.sluice.platform.ops;

import org.jspecify.annotations.NullMarked;

/** The one place where stages meet: it builds each with what it needs, prepares what they share, and ends them in order. */
@NullMarked
package io.sluice.app.wiring;

import org.jspecify.annotations.NullMarked;

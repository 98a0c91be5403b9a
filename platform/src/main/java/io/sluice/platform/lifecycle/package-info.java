/** What every long-running part of a process has in common: a name, a state, and an end that can be asked for twice. */
@NullMarked
package io.sluice.platform.lifecycle;

import org.jspecify.annotations.NullMarked;

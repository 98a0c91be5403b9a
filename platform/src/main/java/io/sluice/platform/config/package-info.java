/**
 * Configuration as people write it: YAML whose every node knows its line, a description of the keys that may stand in it, and
 * all problems at once.
 *
 * <p>Keys are described once, as {@link io.sluice.platform.config.Key}s of a {@link io.sluice.platform.config.Shape}; what
 * reads a file, checks it, completes it in an editor and documents it is that one description. Invariants: no input, however
 * hostile, is answered by an exception or without bound; no secret stands in a {@link io.sluice.platform.config.Problem}.
 */
@NullMarked
package io.sluice.platform.config;

import org.jspecify.annotations.NullMarked;

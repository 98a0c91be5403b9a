/**
 * Real servers for the demo, for single-machine runs and for every test.
 *
 * <p>Each server has a package of its own and the same shape: {@code start(dataDir)} keeps its data, {@code
 * startTemporary()} leaves nothing behind, and {@code close()} is idempotent. This module knows no other module of
 * Sluice.
 *
 * <p>Invariants: servers listen on 127.0.0.1 only; whatever is started here ends with the process that started it, however
 * that process ends.
 */
@NullMarked
package io.sluice.localstack;

import org.jspecify.annotations.NullMarked;

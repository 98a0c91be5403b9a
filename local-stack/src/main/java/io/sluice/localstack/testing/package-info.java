/**
 * Servers for the tests of any module: the same handle whether the server was named by an environment variable, runs in a
 * container or was started here.
 *
 * <p>{@code SLUICE_TEST_POSTGRES}, {@code SLUICE_TEST_TIMESCALEDB}, {@code SLUICE_TEST_KAFKA} and {@code
 * SLUICE_TEST_MONGODB} win over the local server.
 *
 * <p>Invariants: a server is shared by all tests of a JVM and ends with it; what a test makes on it has a name of its own, so
 * that tests may run at once, in other JVMs too; on a server that isn't ours nothing is left behind.
 */
@NullMarked
package io.sluice.localstack.testing;

import org.jspecify.annotations.NullMarked;

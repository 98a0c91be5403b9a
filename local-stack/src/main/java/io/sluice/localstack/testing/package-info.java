/**
 * Servers for the tests of any module: the same handle whether the server was named by an environment variable, runs in a
 * container or was started here.
 *
 * <p>{@code SLUICE_TEST_POSTGRES}, {@code SLUICE_TEST_TIMESCALEDB}, {@code SLUICE_TEST_KAFKA} and {@code
 * SLUICE_TEST_MONGODB} come first. Then containers, where a Docker engine answers and Testcontainers is on the class path, for
 * those servers of which the local one is less than the real thing: MongoDB (a stand-in) and TimescaleDB (one edition of two).
 * {@code SLUICE_TEST_CONTAINERS=true} asks for containers throughout, {@code false} for none. Last, the local server.
 *
 * <p>Invariants: a server is shared by all tests of a JVM and ends with it; what a test makes on it has a name of its own, so
 * that tests may run at once, in other JVMs too; on a server that isn't ours nothing is left behind.
 */
@NullMarked
package io.sluice.localstack.testing;

import org.jspecify.annotations.NullMarked;

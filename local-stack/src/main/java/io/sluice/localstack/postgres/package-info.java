/**
 * PostgreSQL as a child process: the genuine server, from binaries that Maven brings, or one with TimescaleDB where it has
 * been installed.
 *
 * <p>The server is started directly rather than through {@code pg_ctl} or an embedding library, because three things must
 * hold that those don't give: it ends with this JVM even after {@code kill -9}, it starts again on what such an end left
 * behind, and it runs for root too, in containers that forbid user namespaces included.
 *
 * <p>Invariants: what is committed is on disk ({@code fsync} and {@code synchronous_commit} are on); logical decoding is on;
 * the server listens on 127.0.0.1 only, on no socket file, and asks for a password (SCRAM) even there, for a superuser may
 * run programs and other people may share the machine; its log is a file in the data folder and holds neither statements nor
 * row values.
 */
@NullMarked
package io.sluice.localstack.postgres;

import org.jspecify.annotations.NullMarked;

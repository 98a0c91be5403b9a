/**
 * Several servers over one data folder, owned by one process and shared by all.
 *
 * <p>What is in the folder:
 *
 * <pre>
 * lock        held by the owner as long as it lives
 * owner       which process that is
 * stack.env   the addresses, for shells and for other processes; there only while the servers run
 * state       the machine's boot, and whether the servers were stopped or are running (or were, when power failed)
 * suspect     there from an unclean stop on another boot until a new epoch has begun
 * kafka/, postgres/, registry/, mongodb/
 * </pre>
 *
 * <p>Invariants: whoever holds the lock owns the servers, nobody else starts or stops them; a {@code stack.env} is believed
 * only if the owner it names holds the lock now; the state says "running" on disk before the first server starts and
 * "stopped" only after the last one has.
 *
 * <p>Why the boot matters: Kafka leaves it to the operating system when a record reaches the disk. After {@code kill -9} the
 * records are all there; after a power loss the last ones may be missing, while a replication slot or a sink's ledger knows
 * them. Then only a new epoch is safe, and {@link io.sluice.localstack.stack.LocalStack#uncleanStopOnAnotherBoot()} says so.
 */
@NullMarked
package io.sluice.localstack.stack;

import org.jspecify.annotations.NullMarked;

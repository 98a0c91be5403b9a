/**
 * A source as a stage: its sessions, checks and life, and Debezium's engine that keeps the replication slot streaming.
 *
 * <p>Debezium runs the connector task, the hand-over between the reading and the publishing thread with its back-pressure, and
 * the protocol by which the slot advances only to what is stored. The replication connection under it is ours: it hands the
 * log on as the server wrote it, many messages at a time, so that no value is parsed on the way and a change costs next to
 * nothing before it is decoded.
 *
 * <p>Invariants: the former instance is fenced before anything is read; every check of the slot is made before a stream
 * begins; a session that failed is never patched up but followed by a new one from what is stored.
 */
@NullMarked
package io.sluice.source.engine;

import org.jspecify.annotations.NullMarked;

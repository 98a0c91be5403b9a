/**
 * A stand-in for a MongoDB replica set, for the demo, single-machine runs and tests. It speaks the wire protocol to the
 * official driver and serves change streams and reads at a cluster time, so that our code runs against something that answers
 * as a replica set does. It exercises our code; it is <em>no proof</em> that anything works with a real mongod. The same
 * suites also run against one, and only that counts.
 *
 * <p>Queries and updates are those of {@code mongo-java-server}'s memory backend; what is ours is everything that makes a
 * replica set: the handshake, the cluster time, the history of changes, change streams, resume tokens, and a data file.
 * All documents live in memory. With a data folder each write is in the file before it is acknowledged, and the file is read
 * at start. (The library's own file backend loses a renamed collection at restart, drops the collections of databases whose
 * names begin alike, and inserts some hundred times slower, because it orders its index by serialised Java objects.)
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>One lock serialises every command, so that all streams see the same order, and a stream that opens sees either the
 *       whole of a write or nothing of it.
 *   <li>A change is written down by the collection that makes it, with the exact images before and after; no command can
 *       change a document past the history.
 *   <li>The cluster time is unique per change and never goes back, also over a restart on a clock that did.
 *   <li>A position that the history can't serve without a gap is refused with error 286; never skipped over.
 *   <li>What the stand-in can't do (transactions, pipeline updates, views) is refused, not ignored.
 * </ul>
 *
 * <p>Known differences from a mongod: no authentication and TLS, no transactions, no secondary indexes other than unique
 * ones, validators are kept but not enforced, BSON types {@code Undefined}, {@code Symbol}, {@code DBPointer}, code with
 * scope and binary subtypes other than generic and UUID are not stored faithfully.
 */
@NullMarked
package io.sluice.localstack.mongo;

import org.jspecify.annotations.NullMarked;

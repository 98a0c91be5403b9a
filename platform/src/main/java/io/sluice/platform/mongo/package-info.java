/**
 * Access to MongoDB: connections, what stands in its catalog, commands in batches, and the one decoder from documents to rows
 * that snapshot and stream share.
 *
 * <p>Invariants: no type of BSON is lost or changed; what extended JSON can't say without doubt is refused, never guessed; ids
 * that MongoDB holds to be equal are one key. Secrets and values never show in a message.
 */
@NullMarked
package io.sluice.platform.mongo;

import org.jspecify.annotations.NullMarked;

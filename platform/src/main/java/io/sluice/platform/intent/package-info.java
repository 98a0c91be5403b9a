/**
 * What operators want of a running pipeline: small JSON records in one compacted topic, the last for each part of it holds.
 *
 * <p>Invariants: operators write intents and stages only read them; a process that can't read them goes on under those that it knew
 * last, and none begins its work before it has read them once.
 */
@NullMarked
package io.sluice.platform.intent;

import org.jspecify.annotations.NullMarked;

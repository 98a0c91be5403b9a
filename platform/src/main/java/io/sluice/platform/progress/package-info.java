/**
 * What stages report of themselves, for whoever looks from outside: small JSON records in one compacted topic, keyed by stage and
 * process.
 *
 * <p>Invariants: only a stage's own process writes its report, and nothing is decided by one; a report that is no longer renewed
 * says only what was so last.
 */
@NullMarked
package io.sluice.platform.progress;

import org.jspecify.annotations.NullMarked;

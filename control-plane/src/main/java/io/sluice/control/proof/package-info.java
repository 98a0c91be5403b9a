/**
 * What has been applied, as a fact of offsets: the one computation that status, comparison and cutover share.
 *
 * <p>It looks only at what others can't fake by being busy or idle: the slot, the topics' committed ends, the groups'
 * offsets and the targets' ledgers.
 */
@NullMarked
package io.sluice.control.proof;

import org.jspecify.annotations.NullMarked;

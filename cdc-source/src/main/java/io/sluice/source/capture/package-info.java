/**
 * What every kind of source does alike: sessions that follow one another until a person must decide, the fence between
 * instances, and the look at whether all is as it was left.
 *
 * <p>Invariant: whatever fails is answered by a new session from what is stored; a session that another instance has fenced is
 * never followed by one that fences it back.
 */
@NullMarked
package io.sluice.source.capture;

import org.jspecify.annotations.NullMarked;

/**
 * Mappers that users wrote in Java: found, loaded and held to their word.
 *
 * <p>Invariants: a mapper sees the JDK, its own jar and the published model, nothing else of ours; whatever it throws or gives
 * becomes a reason without values; the jar is read once and not kept open.
 */
@NullMarked
package io.sluice.transform.mapping.custom;

import org.jspecify.annotations.NullMarked;

/**
 * Reads a pipeline file into {@link io.sluice.schemas.pipeline.Pipeline}, or says everything that is wrong with it.
 *
 * <p>Each {@code *Part} class holds one concern whole: the keys as they are described to people, editors and the reader alike,
 * how they become a record, and what they may not say together. Invariant: a {@code Pipeline} only ever comes out of a file
 * without problems.
 */
@NullMarked
package io.sluice.platform.pipeline;

import org.jspecify.annotations.NullMarked;

/**
 * A monolith that never was, split while it runs: what {@code sluice demo} shows.
 *
 * <p>It uses the pipeline as any user would, through a pipeline file; its check of the outcome is plain SQL and shares no
 * code with the pipeline.
 */
@NullMarked
package io.sluice.app.demo;

import org.jspecify.annotations.NullMarked;

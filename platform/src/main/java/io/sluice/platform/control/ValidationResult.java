package io.sluice.platform.control;

import java.time.Instant;

/**
 * How a target table compared with its sources.
 *
 * @param table as the pipeline file names it
 * @param verdict in a word
 * @param position through which everything was applied
 * @param report all of it, as JSON and without values of rows
 */
public record ValidationResult(
        String pipeline,
        String service,
        String table,
        Instant finished,
        String verdict,
        String level,
        String position,
        long compared,
        long different,
        String report) {}

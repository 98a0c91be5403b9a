package io.sluice.platform.pipeline;

import io.sluice.platform.config.Problem;
import io.sluice.schemas.pipeline.Pipeline;
import java.util.List;
import java.util.Optional;

/**
 * What a file turned out to be.
 *
 * @param pipeline there exactly if there is no problem
 * @param problems sorted by place
 */
public record PipelineResult(String file, Optional<Pipeline> pipeline, List<Problem> problems) {

    public PipelineResult {
        problems = List.copyOf(problems);
        if (pipeline.isPresent() != problems.isEmpty()) {
            throw new IllegalArgumentException("either a pipeline or problems");
        }
    }

    public boolean isValid() {
        return problems.isEmpty();
    }
}

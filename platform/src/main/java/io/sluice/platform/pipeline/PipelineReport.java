package io.sluice.platform.pipeline;

import io.sluice.platform.config.Problem;
import io.sluice.schemas.pipeline.Pipeline;

/** Says what was found, as a person reads it: one problem a line, a summary at the end. */
public final class PipelineReport {

    private PipelineReport() {}

    public static String render(PipelineResult result) {
        StringBuilder text = new StringBuilder();
        for (Problem problem : result.problems()) {
            text.append(problem).append('\n');
        }
        return text.append(result.file())
                .append(result.pipeline()
                        .map(PipelineReport::summary)
                        .orElseGet(() -> ": " + count(result.problems().size(), "problem")))
                .append('\n')
                .toString();
    }

    private static String summary(Pipeline pipeline) {
        int tables = pipeline.services().stream()
                .mapToInt(service -> service.tables().size())
                .sum();
        return " is valid: pipeline " + pipeline.name() + ", "
                + count(pipeline.sources().size(), "source") + ", "
                + count(pipeline.services().size(), "service") + ", "
                + count(tables, "table");
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}

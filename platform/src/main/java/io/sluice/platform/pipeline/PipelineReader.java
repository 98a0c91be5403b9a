package io.sluice.platform.pipeline;

import io.sluice.platform.config.ConfigFile;
import io.sluice.platform.config.Problems;
import io.sluice.platform.config.Variables;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Reads pipeline files. Whatever a file holds, the answer is a pipeline or problems, never an exception. */
public final class PipelineReader {

    private final Map<String, String> environment;
    private final ExpressionChecker expressions;

    public PipelineReader(Map<String, String> environment, ExpressionChecker expressions) {
        this.environment = Map.copyOf(environment);
        this.expressions = expressions;
    }

    /** Reads a file; paths in it start at its folder. */
    public PipelineResult read(Path file) {
        Problems problems = new Problems(file.toString());
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
        ConfigFile config = ConfigFile.read(file, PipelinePart.SHAPE, Variables.of(environment, folder), problems);
        return result(file.toString(), config, problems);
    }

    /** Reads a text as if it were a file of this name in the working folder. */
    public PipelineResult read(String text, String name) {
        return read(text.getBytes(StandardCharsets.UTF_8), name);
    }

    /** Reads bytes as if they were a file of this name in the working folder. */
    public PipelineResult read(byte[] bytes, String name) {
        Problems problems = new Problems(name);
        ConfigFile config = ConfigFile.read(
                bytes,
                name,
                PipelinePart.SHAPE,
                Variables.of(environment, Path.of("").toAbsolutePath()),
                problems);
        return result(name, config, problems);
    }

    private PipelineResult result(String name, ConfigFile config, Problems problems) {
        Optional<Pipeline> pipeline =
                config.root().flatMap(root -> PipelinePart.read(root, config.settings(), expressions));
        return new PipelineResult(name, problems.isEmpty() ? pipeline : Optional.empty(), problems.sorted());
    }
}

package io.sluice.platform.pipeline;

import io.sluice.platform.config.ConfigFile;
import io.sluice.platform.config.Problems;
import io.sluice.platform.config.Variables;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads pipeline files. Whatever a file holds, the answer is a pipeline or problems, never an exception. */
public final class PipelineReader {

    private final Function<Path, Variables> variables;
    private final ExpressionChecker expressions;

    public PipelineReader(Map<String, String> environment, ExpressionChecker expressions) {
        Map<String, String> copy = Map.copyOf(environment);
        this.variables = folder -> Variables.of(copy, folder);
        this.expressions = expressions;
    }

    private PipelineReader(Function<Path, Variables> variables, ExpressionChecker expressions) {
        this.variables = variables;
        this.expressions = expressions;
    }

    /** Reads what files say of tables and rows; addresses and secrets are not looked up, and of no use afterwards. */
    public static PipelineReader withStandIns(ExpressionChecker expressions) {
        return new PipelineReader(Variables::standIns, expressions);
    }

    /** Reads a file; paths in it start at its folder. */
    public PipelineResult read(Path file) {
        Problems problems = new Problems(file.toString());
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
        ConfigFile config = ConfigFile.read(file, PipelinePart.SHAPE, variables.apply(folder), problems);
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
                bytes, name, PipelinePart.SHAPE, variables.apply(Path.of("").toAbsolutePath()), problems);
        return result(name, config, problems);
    }

    private PipelineResult result(String name, ConfigFile config, Problems problems) {
        Optional<Pipeline> pipeline =
                config.root().flatMap(root -> PipelinePart.read(root, config.settings(), expressions));
        return new PipelineResult(name, problems.isEmpty() ? pipeline : Optional.empty(), problems.sorted());
    }
}

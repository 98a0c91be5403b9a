package io.sluice.app.cli;

import io.sluice.platform.error.ExitCode;
import io.sluice.platform.pipeline.PipelineJsonSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code sluice schema}. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = "Prints the JSON Schema of the pipeline file, for editors.")
final class SchemaCommand implements Callable<Integer> {

    private final Console console;

    SchemaCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        console.out().println(PipelineJsonSchema.render());
        return ExitCode.DONE.number();
    }
}

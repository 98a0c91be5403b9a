package io.sluice.app.cli;

import io.sluice.platform.error.ExitCode;
import io.sluice.platform.pipeline.ExpressionChecker;
import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineReport;
import io.sluice.platform.pipeline.PipelineResult;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice validate FILE}. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = {
            "Prints everything that is wrong with a pipeline file, each with its place.",
            "Connects to nothing. Exit code 0: valid; 2: not."
        })
final class ValidateCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(index = "0", paramLabel = "FILE", description = "The pipeline file.")
    private Path file = Path.of("pipeline.yaml");

    ValidateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        PipelineResult result = new PipelineReader(System.getenv(), ExpressionChecker.trusting()).read(file);
        console.out().print(PipelineReport.render(result));
        console.out().flush();
        return (result.isValid() ? ExitCode.DONE : ExitCode.BAD_INPUT).number();
    }
}

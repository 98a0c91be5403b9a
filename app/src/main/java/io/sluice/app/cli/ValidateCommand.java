package io.sluice.app.cli;

import io.sluice.platform.error.ExitCode;
import io.sluice.platform.pipeline.PipelineReport;
import io.sluice.platform.pipeline.PipelineResult;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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

    @Mixin
    private PipelineFile file = new PipelineFile();

    ValidateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        PipelineResult result = file.read();
        console.out().print(PipelineReport.render(result));
        console.out().flush();
        return (result.isValid() ? ExitCode.DONE : ExitCode.BAD_INPUT).number();
    }
}

package io.sluice.app.cli;

import io.sluice.platform.error.ExitCode;
import io.sluice.transform.spec.SpecJson;
import io.sluice.transform.spec.SpecReport;
import io.sluice.transform.spec.SpecResult;
import io.sluice.transform.spec.SpecSuite;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice test DIR}. */
@Command(
        name = "test",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the specs beside pipeline files: what becomes of which rows.",
            "Connects to nothing. Exit code 0: all passed; 1: one failed; 2: the files are wrong, or there are no specs."
        })
final class TestCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "DIR",
            description = "Where to look for folders named specs beside a pipeline.yaml, at any depth; or one pipeline"
                    + " file. Default: here.")
    private Path place = Path.of(".");

    @Option(names = "--json", description = "Print the results as JSON.")
    private boolean json;

    TestCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        SpecSuite suite = SpecSuite.read(place);
        List<SpecResult> results = suite.problems().isEmpty() ? suite.run() : List.of();
        SpecReport report = new SpecReport(console.terminal());
        if (json) {
            console.out().print(new SpecJson().render(suite.problems(), results));
        } else {
            console.out()
                    .print(suite.problems().isEmpty() ? report.results(results) : report.problems(suite.problems()));
        }
        console.out().flush();
        if (!suite.problems().isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        return (results.stream().allMatch(SpecResult::passed) ? ExitCode.DONE : ExitCode.FAILED).number();
    }
}

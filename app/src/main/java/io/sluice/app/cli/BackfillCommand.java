package io.sluice.app.cli;

import io.sluice.app.wiring.LoadRequests;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.pipeline.ExpressionChecker;
import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineReport;
import io.sluice.platform.pipeline.PipelineResult;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice backfill FILE --table T}. */
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        description = {
            "Has source tables read again while the pipeline runs; the others go on undisturbed.",
            "What a table's load does not meet is deleted from the targets when it ends. A halted table comes back so.",
            "Leaves a request that the running source takes up; the source's log says how it goes."
        })
final class BackfillCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "FILE", description = "The pipeline file.")
    private Path file = Path.of("pipeline.yaml");

    @Option(
            names = "--table",
            paramLabel = "SOURCE.SCHEMA.TABLE",
            required = true,
            description = "A source table, as the pipeline file names it. May be given several times.")
    private List<String> tables = new ArrayList<>();

    @Option(names = "--cancel", description = "Give up the load of these tables that is under way.")
    private boolean cancel;

    BackfillCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        PipelineResult result = new PipelineReader(System.getenv(), ExpressionChecker.trusting()).read(file);
        if (result.pipeline().isEmpty()) {
            console.err().print(PipelineReport.render(result));
            console.err().flush();
            return ExitCode.BAD_INPUT.number();
        }
        Pipeline pipeline = result.pipeline().get();
        List<TableId> wanted =
                tables.stream().map(name -> table(pipeline, name)).toList();
        Path folder = file.toAbsolutePath().resolveSibling(".sluice");
        try (Servers servers = Servers.open(pipeline, folder)) {
            LoadRequests requests = new LoadRequests(pipeline, servers);
            for (TableId table : wanted) {
                requests.send(table, cancel);
                console.out()
                        .println((cancel ? "Asked to give up the load of " : "Asked to read again: ") + table + ".");
            }
            console.out().flush();
        }
        return ExitCode.DONE.number();
    }

    private TableId table(Pipeline pipeline, String name) {
        Optional<TableId> found = pipeline.sources().stream()
                .flatMap(source -> pipeline.tablesOf(source.name()).stream())
                .filter(table -> table.toString().equals(name))
                .findFirst();
        return found.orElseThrow(() -> new ParameterException(
                spec.commandLine(), "no service of this pipeline reads a table " + name + " (SOURCE.SCHEMA.TABLE)"));
    }
}

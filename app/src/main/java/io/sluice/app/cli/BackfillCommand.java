package io.sluice.app.cli;

import io.sluice.app.wiring.LoadRequests;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice backfill FILE --table T}. */
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        description = {
            "Has source tables read again while the pipeline runs; the others go on undisturbed.",
            "What a table's load does not meet is deleted from the targets when it ends. A halted table comes back so.",
            "Leaves a request that the running source takes up, or the next one; the source's log says how it goes."
        })
final class BackfillCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunningPipeline file = new RunningPipeline();

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
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        Pipeline pipeline = read.get();
        List<TableId> wanted =
                tables.stream().map(name -> table(pipeline, name)).toList();
        Path folder = file.stateFolder();
        try (Servers servers = Servers.open(pipeline, folder)) {
            LoadRequests requests = new LoadRequests(pipeline, servers);
            for (TableId table : wanted) {
                requests.send(table, cancel);
                console.out()
                        .println((cancel ? "Asked to give up the load of " : "Asked to read again: ") + table + ".");
            }
            console.err()
                    .println(
                            "The process that has the role source does it, once it runs, and its log says how it goes.");
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

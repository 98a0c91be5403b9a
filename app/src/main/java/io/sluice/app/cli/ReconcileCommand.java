package io.sluice.app.cli;

import io.sluice.app.wiring.Servers;
import io.sluice.app.wiring.TableHeldKeys;
import io.sluice.app.wiring.TableProof;
import io.sluice.control.reconcile.Reconciler;
import io.sluice.control.reconcile.TableReport;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ReconcileSpec;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice reconcile FILE}. */
@Command(
        name = "reconcile",
        mixinStandardHelpOptions = true,
        description = {
            "Compares target tables with what their source rows become, while both are being written to.",
            "A row counts as different only if it still is once all that its source had committed is applied.",
            "Only reads; what it finds is kept in the control store, without values. Exit codes: 0 all equal; 1 there are differences; 3 it can't be told of some rows, for the"
                    + " pipeline is behind or does not run."
        })
final class ReconcileCommand implements Callable<Integer> {

    private static final int MOST_SHOWN = 100_000;

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(
            names = "--table",
            paramLabel = "SERVICE.TABLE",
            description = "A table of a service, as the pipeline file names both. May be given several times."
                    + " Default: every table")
    private List<String> tables = new ArrayList<>();

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = "full: every row; sample: some rows, chosen by their keys. Default: as the file has it"
                    + " under reconcile, else full")
    private @Nullable Level level;

    @Option(
            names = "--sample",
            paramLabel = "PERCENT",
            description = "How many percent of the rows a sample is. Default: as the file has it, else 10")
    private @Nullable BigDecimal percent;

    @Option(
            names = "--values",
            description = "Show the keys of rows that differ, and the values of their columns that do.")
    private boolean values;

    @Option(
            names = "--show",
            paramLabel = "N",
            description = "How many differences of each table are told one by one. Default: 20")
    private int show = 20;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long to wait for the pipeline to apply what is on its way. Default: 60")
    private int wait = 60;

    @Option(
            names = "--max-rows",
            paramLabel = "N",
            description = "Read at most so many rows a second. Default: as fast as it goes")
    private int maxRows;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    ReconcileCommand(Console console) {
        this.console = console;
    }

    /** How closely. */
    enum Level {
        FULL,
        SAMPLE
    }

    private record Job(ServiceSpec service, TableSpec table) {

        String name() {
            return service.name() + "." + table.target();
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        requirePossibleOptions();
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        Pipeline pipeline = read.get();
        List<Job> jobs = jobs(pipeline);
        jobs.forEach(job -> requireComparable(pipeline, job));
        List<TableReport> reports = new ArrayList<>();
        try (Servers servers = Servers.open(pipeline, file.stateFolder())) {
            Reconciler reconciler = new Reconciler(pipeline, Clock.systemUTC());
            for (Job job : jobs) {
                TableProof proof =
                        new TableProof(pipeline, job.service(), job.table(), servers, Duration.ofSeconds(wait));
                TableHeldKeys held = new TableHeldKeys(pipeline, job.service(), job.table(), servers);
                try (RowPace pace = new RowPace(console, job.name(), maxRows)) {
                    reports.add(
                            reconciler.compare(job.service(), job.table(), options(job.table()), proof, held, pace));
                }
                if (!json) {
                    console.out().print(ReconcileReport.text(reports.get(reports.size() - 1)));
                    console.out().flush();
                }
            }
        }
        console.out().print(json ? ReconcileReport.json(reports) : ReconcileReport.summary(reports));
        console.out().flush();
        new KeptResults(console, pipeline, file.stateFolder()).keep(reports);
        return exit(reports).number();
    }

    private void requirePossibleOptions() {
        if (wait < 1 || show < 0 || show > MOST_SHOWN || maxRows < 0) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--wait is at least 1, --show from 0 to " + MOST_SHOWN + ", --max-rows not negative");
        }
        if (percent != null && (percent.signum() <= 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0)) {
            throw new ParameterException(spec.commandLine(), "--sample is above 0 and at most 100");
        }
        if (percent != null && level == Level.FULL) {
            throw new ParameterException(spec.commandLine(), "--sample goes with --level sample");
        }
    }

    private List<Job> jobs(Pipeline pipeline) {
        List<Job> all = pipeline.services().stream()
                .flatMap(service -> service.tables().stream().map(table -> new Job(service, table)))
                .toList();
        for (String name : tables) {
            if (all.stream().noneMatch(job -> job.name().equals(name))) {
                throw new ParameterException(
                        spec.commandLine(),
                        "no service of this pipeline has a table " + name + "; SERVICE.TABLE is one of "
                                + String.join(", ", all.stream().map(Job::name).toList()));
            }
        }
        return tables.isEmpty()
                ? all
                : all.stream().filter(job -> tables.contains(job.name())).toList();
    }

    private static void requireComparable(Pipeline pipeline, Job job) {
        boolean documents = job.table().from().stream()
                .anyMatch(from -> pipeline.source(from.source()).orElseThrow().kind() == SourceSpec.Kind.MONGODB);
        if (documents) {
            throw new BadInputException(
                    "RECONCILE_UNFIT",
                    "collections of MongoDB can't be compared yet",
                    "table " + job.name(),
                    "Name the other tables with --table.");
        }
    }

    private Reconciler.Options options(TableSpec table) {
        Optional<ReconcileSpec> said = table.reconcile();
        boolean sampled = level == null
                ? percent != null
                        || said.filter(each -> each.level() == ReconcileSpec.Level.SAMPLE)
                                .isPresent()
                : level == Level.SAMPLE;
        BigDecimal ratio = BigDecimal.ONE;
        if (sampled) {
            ratio = percent != null
                    ? percent.movePointLeft(2)
                    : said.flatMap(ReconcileSpec::sample)
                            .filter(ReconcileSpec.Sample.Fraction.class::isInstance)
                            .map(sample -> ((ReconcileSpec.Sample.Fraction) sample).ratio())
                            .orElse(new BigDecimal("0.1"));
        }
        return new Reconciler.Options(ratio, show, values);
    }

    private static ExitCode exit(List<TableReport> reports) {
        List<TableReport.Verdict> verdicts =
                reports.stream().map(TableReport::verdict).toList();
        if (verdicts.contains(TableReport.Verdict.DIFFERENT) || verdicts.contains(TableReport.Verdict.EXCEPT)) {
            return ExitCode.FAILED;
        }
        return verdicts.contains(TableReport.Verdict.UNSETTLED) ? ExitCode.ENVIRONMENT : ExitCode.DONE;
    }
}

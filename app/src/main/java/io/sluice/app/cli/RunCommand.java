package io.sluice.app.cli;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.app.wiring.ChangedMapping;
import io.sluice.app.wiring.PipelineRun;
import io.sluice.app.wiring.Role;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.ops.OpsServer;
import io.sluice.platform.ops.OpsSettings;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice run FILE}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a pipeline: captures, transforms and writes, until Ctrl-C.",
            "A stage that halts says why, and the others go on: the process ends when all of its stages have halted.",
            "Exit code 1: a stage had halted; 2: the file is wrong; 3: a server lacks something."
        })
final class RunCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            split = ",",
            description = "Do only this part of the work: source, transform or sink; several with commas between them. "
                    + "Default: all of it, in one process.")
    private Set<Role> roles = EnumSet.noneOf(Role.class);

    @Option(
            names = "--new-epoch",
            paramLabel = "SOURCE",
            description =
                    "Begin a new epoch of this source, as a halt may ask for: every table is read again, and target "
                            + "rows that are gone from the source are deleted. Once: leave it out of the next start.")
    private List<String> newEpochs = new ArrayList<>();

    @Option(
            names = "--changed-mapping",
            paramLabel = "DECISION",
            description =
                    "What becomes of rows that an earlier mapping made: `rebuild` has their source tables read again, "
                            + "`keep` leaves them as they are. Without a decision nothing starts where there are such rows.")
    private ChangedMapping changedMapping = ChangedMapping.REFUSE;

    @Mixin
    private Listening listening = new Listening();

    RunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        Pipeline pipeline = read.get();
        List<Finding> refusals = PipelineRun.refusals(pipeline, chosenRoles());
        print(refusals);
        if (PipelineRun.isFatal(refusals)) {
            return ExitCode.BAD_INPUT.number();
        }
        refuseUnknown(pipeline);
        OpsSettings ops = listening.settings();
        Path folder = file.stateFolder();
        ShutdownSignal shutdown = ShutdownSignal.install();
        try (Servers servers = Servers.open(pipeline, folder)) {
            if (!servers.describe().isEmpty()) {
                console.err().println(servers.describe());
            }
            return run(pipeline, servers, ops, folder, shutdown);
        } finally {
            shutdown.done();
        }
    }

    private void refuseUnknown(Pipeline pipeline) {
        for (String name : newEpochs) {
            if (pipeline.sources().stream().noneMatch(source -> source.name().equals(name))) {
                throw new ParameterException(spec.commandLine(), "--new-epoch: the file has no source " + name);
            }
        }
        if (!newEpochs.isEmpty() && !roles.isEmpty() && !roles.contains(Role.SOURCE)) {
            throw new ParameterException(spec.commandLine(), "--new-epoch is for a process that has the role source");
        }
    }

    private Set<Role> chosenRoles() {
        return roles.isEmpty() ? EnumSet.allOf(Role.class) : roles;
    }

    private int run(Pipeline pipeline, Servers servers, OpsSettings ops, Path folder, ShutdownSignal shutdown)
            throws InterruptedException {
        Path stateFolder = folder.resolve("state-" + ProcessHandle.current().pid());
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (PipelineRun run = new PipelineRun(pipeline, servers, chosenRoles(), meters, stateFolder);
                JvmMeters jvm = JvmMeters.of(meters);
                OpsServer answers = OpsServer.start(ops, new ProcessReport(pipeline.name(), run, meters))) {
            console.tell("answers at " + answers.address() + ": /live, /ready, /metrics, /status");
            newEpochs.forEach(run::beginNewEpoch);
            run.onChangedMapping(changedMapping);
            List<Finding> findings = run.prepare();
            print(findings);
            if (PipelineRun.isFatal(findings)) {
                return ExitCode.ENVIRONMENT.number();
            }
            run.start();
            return new StageWatch(run.stages(), new LoadWatch(run::loads, console::tell), console::tell)
                    .watch(shutdown)
                    .number();
        } finally {
            meters.close();
            StateFolders.delete(stateFolder);
        }
    }

    /** What keeps the pipeline from starting comes last, where it is seen. */
    private void print(List<Finding> findings) {
        findings.stream()
                .sorted(Comparator.comparing(Finding::severity).reversed())
                .forEach(finding -> console.err()
                        .println(finding.severity().name().toLowerCase(Locale.ROOT) + ": " + finding.place() + ": "
                                + finding.problem() + ". " + finding.remedy()));
        if (PipelineRun.isFatal(findings)) {
            long errors = findings.stream().filter(Finding::isError).count();
            console.err().println("Nothing was started: " + errors + (errors == 1 ? " error." : " errors."));
        }
    }
}

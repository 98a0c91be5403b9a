package io.sluice.app.cli;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.app.wiring.PipelineRun;
import io.sluice.app.wiring.Role;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.pipeline.ExpressionChecker;
import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineReport;
import io.sluice.platform.pipeline.PipelineResult;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice run FILE}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a pipeline: captures, transforms and writes, until Ctrl-C.",
            "Exit code 1: a stage halted and says why; 2: the file is wrong; 3: a server lacks something."
        })
final class RunCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "FILE", description = "The pipeline file.")
    private Path file = Path.of("pipeline.yaml");

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            split = ",",
            description =
                    "Do only this part of the work: ${COMPLETION-CANDIDATES}. Default: all of it, in one process.")
    private Set<Role> roles = EnumSet.noneOf(Role.class);

    /** Messages of stages name it; until it exists, whoever follows them is led to the steps by hand. */
    @Option(names = "--new-epoch", paramLabel = "SOURCE", hidden = true)
    private @Nullable String newEpoch;

    RunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (newEpoch != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "this version can't start a new epoch by itself; docs/runbooks/README.md says how to do it by hand,"
                            + " under \"A new epoch\"");
        }
        PipelineResult result = new PipelineReader(System.getenv(), ExpressionChecker.trusting()).read(file);
        if (result.pipeline().isEmpty()) {
            console.err().print(PipelineReport.render(result));
            console.err().flush();
            return ExitCode.BAD_INPUT.number();
        }
        Pipeline pipeline = result.pipeline().get();
        List<Finding> refusals = PipelineRun.refusals(pipeline);
        print(refusals);
        if (PipelineRun.isFatal(refusals)) {
            return ExitCode.BAD_INPUT.number();
        }
        Path folder = file.toAbsolutePath().resolveSibling(".sluice");
        ShutdownSignal shutdown = ShutdownSignal.install();
        try (Servers servers = Servers.open(pipeline, folder)) {
            if (!servers.describe().isEmpty()) {
                console.err().println(servers.describe());
            }
            return run(pipeline, servers, folder, shutdown);
        } finally {
            shutdown.done();
        }
    }

    private int run(Pipeline pipeline, Servers servers, Path folder, ShutdownSignal shutdown)
            throws InterruptedException {
        Set<Role> chosen = roles.isEmpty() ? EnumSet.allOf(Role.class) : roles;
        Path stateFolder = folder.resolve("state-" + ProcessHandle.current().pid());
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (PipelineRun run = new PipelineRun(pipeline, servers, chosen, meters, stateFolder)) {
            List<Finding> findings = run.prepare();
            print(findings);
            if (PipelineRun.isFatal(findings)) {
                return ExitCode.ENVIRONMENT.number();
            }
            run.start();
            return new StageWatch(run.stages(), console.err()).watch(shutdown).number();
        } finally {
            meters.close();
            StateFolders.delete(stateFolder);
        }
    }

    private void print(List<Finding> findings) {
        for (Finding finding : findings) {
            console.err()
                    .println(finding.severity().name().toLowerCase(java.util.Locale.ROOT) + ": " + finding.place()
                            + ": " + finding.problem() + ". " + finding.remedy());
        }
    }
}

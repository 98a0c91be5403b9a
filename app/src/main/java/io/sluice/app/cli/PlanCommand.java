package io.sluice.app.cli;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.app.wiring.ChangedMapping;
import io.sluice.app.wiring.PipelineRun;
import io.sluice.app.wiring.Role;
import io.sluice.app.wiring.Servers;
import io.sluice.control.plan.Plan;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.pipeline.Pipeline;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice plan FILE}. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Looks at sources, targets, Kafka and registry, and says what `run` would read and make, and what is unsafe.",
            "Changes nothing, unless --apply is given. Shows no rows.",
            "Exit code 0: `run` starts; 2: the file is wrong; 3: there are errors, and `run` starts nothing."
        })
final class PlanCommand implements Callable<Integer> {

    private static final Set<Role> ALL = EnumSet.allOf(Role.class);

    private final Console console;

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(names = "--json", description = "Print the plan as JSON, with all statements.")
    private boolean json;

    @Option(
            names = "--apply",
            description = "Make what is missing, where there are no errors: topics, publications, target tables with "
                    + "their indexes and rights. A slot is made when its source first starts.")
    private boolean apply;

    @Option(
            names = "--changed-mapping",
            paramLabel = "DECISION",
            description = "Plan with this decision about rows that an earlier mapping made: `rebuild` or `keep`. It is "
                    + "carried out by `run`, which takes the same option.")
    private ChangedMapping changedMapping = ChangedMapping.REFUSE;

    PlanCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        Pipeline pipeline = read.get();
        List<Finding> refusals = PipelineRun.refusals(pipeline, ALL);
        if (PipelineRun.isFatal(refusals)) {
            print(Plan.of(pipeline.name(), Preflight.found(refusals)));
            return ExitCode.BAD_INPUT.number();
        }
        try (Servers servers = apply
                        ? Servers.open(pipeline, file.stateFolder())
                        : Servers.openToLook(pipeline, file.stateFolder());
                PipelineRun run =
                        new PipelineRun(pipeline, servers, ALL, new SimpleMeterRegistry(), file.stateFolder())) {
            run.onChangedMapping(changedMapping);
            Plan plan = Plan.of(pipeline.name(), Preflight.found(refusals).and(run.look()));
            if (apply && plan.isSafe()) {
                plan = plan.applied(run.make());
            }
            print(plan);
            return (plan.isSafe() ? ExitCode.DONE : ExitCode.ENVIRONMENT).number();
        }
    }

    private void print(Plan plan) {
        console.out().print(json ? PlanReport.json(plan) : PlanReport.text(plan));
        console.out().flush();
    }
}

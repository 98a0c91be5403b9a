package io.sluice.app.cli;

import io.sluice.app.wiring.Servers;
import io.sluice.app.wiring.StatusReader;
import io.sluice.control.status.Condition;
import io.sluice.control.status.PipelineStatus;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.Pipeline;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice status FILE}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Tells how a pipeline is: each source, service and table, what waits at each hop, and what to do where it does not go on.",
            "Looks from outside, at logs, topics and targets: so it is right when all is idle, and while stages are stopped.",
            "Only reads. Exit codes: 0 all is well, or being done; 1 something has halted; 3 something runs no more, waits for a"
                    + " server, or can't be asked."
        })
final class StatusCommand implements Callable<Integer> {

    private static final Duration EVERY = Duration.ofSeconds(2);

    private final Console console;

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(names = "--watch", description = "Look again every two seconds, until Ctrl-C.")
    private boolean watch;

    @Option(names = "--json", description = "Print it as JSON; with --watch one line each time.")
    private boolean json;

    StatusCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        ShutdownSignal shutdown = ShutdownSignal.install();
        KeptResults kept = new KeptResults(console, read.get(), file.stateFolder());
        try (Servers servers = Servers.open(read.get(), file.stateFolder());
                StatusReader reader =
                        new StatusReader(read.get(), servers, Clock.systemUTC(), KeptResults.of(kept.last()))) {
            PipelineStatus status = reader.look();
            print(status);
            while (watch && !shutdown.await(EVERY)) {
                status = reader.look();
                print(status);
            }
            return exit(status).number();
        } finally {
            shutdown.done();
        }
    }

    private void print(PipelineStatus status) {
        if (json) {
            String text = StatusJson.of(status).toPrettyString();
            console.out().println(watch ? StatusJson.of(status).toString() : text);
        } else {
            if (watch && console.terminal()) {
                // From the top of an empty screen, so that the eye finds each figure where it was.
                console.out().print("\u001b[H\u001b[2J");
            }
            console.out().print(StatusText.of(status));
            if (watch && !console.terminal()) {
                console.out().println();
            }
        }
        console.out().flush();
    }

    private static ExitCode exit(PipelineStatus status) {
        Condition condition = status.condition();
        return switch (condition) {
            case LIVE, LOADING, PAUSED -> ExitCode.DONE;
            case HALTED -> ExitCode.FAILED;
            case STOPPED, WAITING, UNKNOWN -> ExitCode.ENVIRONMENT;
        };
    }
}

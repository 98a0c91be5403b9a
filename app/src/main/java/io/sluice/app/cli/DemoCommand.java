package io.sluice.app.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.sluice.app.demo.Demo;
import io.sluice.localstack.LocalServerException;
import io.sluice.platform.error.EnvironmentException;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Starts real servers, fills a monolith of nine tables, and splits it into five databases while it keeps changing.",
            "With --exit: stops the changes, compares every row, and ends with exit code 0 if all are equal."
        })
final class DemoCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--exit", description = "Compare and end, instead of staying until Ctrl-C.")
    private boolean exit;

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "Rows in the monolith at first. Default: ${DEFAULT-VALUE}",
            defaultValue = "50000")
    private long rows;

    @Option(
            names = "--changes",
            paramLabel = "N",
            description = "With --exit: changes to make before comparing. Default: ${DEFAULT-VALUE}",
            defaultValue = "20000")
    private long changes;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (rows < 1 || rows > 100_000_000 || changes < 0 || changes > 100_000_000) {
            throw new ParameterException(
                    spec.commandLine(), "--rows is a number from 1, and --changes from 0, to 100,000,000");
        }
        // What a stage reports about itself would break the view that is drawn over; what goes wrong still shows.
        ((Logger) LoggerFactory.getLogger("io.sluice")).setLevel(Level.WARN);
        ShutdownSignal shutdown = ShutdownSignal.install();
        try {
            Demo.Options options = new Demo.Options(exit, rows, changes);
            return new Demo(options, console.out(), console.terminal())
                    .run(shutdown)
                    .number();
        } catch (LocalServerException e) {
            throw new EnvironmentException(
                    "EMBEDDED_SERVERS", String.valueOf(e.getMessage()), null, "See the message; then try again.", e);
        } finally {
            shutdown.done();
        }
    }
}

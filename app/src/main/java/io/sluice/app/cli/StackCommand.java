package io.sluice.app.cli;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.stack.LocalStackMain;
import io.sluice.localstack.stack.Part;
import io.sluice.platform.error.EnvironmentException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sluice stack}. */
@Command(
        name = "stack",
        mixinStandardHelpOptions = true,
        description = {
            "Starts Kafka, a schema registry, PostgreSQL and a MongoDB stand-in on loopback, until Ctrl-C.",
            "Writes their addresses to stack.env in the data folder."
        })
final class StackCommand implements Callable<Integer> {

    private final Console console;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the servers keep their data. Default: ${DEFAULT-VALUE}",
            defaultValue = ".sluice")
    private Path data = Path.of(".sluice");

    @Option(
            names = "--only",
            paramLabel = "SERVER",
            split = ",",
            description = "Start only these: kafka, registry, postgres, mongodb; several with commas between them.")
    private Set<Part> only = EnumSet.noneOf(Part.class);

    StackCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        Set<Part> parts = only.isEmpty() ? EnumSet.allOf(Part.class) : only;
        console.err().println("Starting the servers; the first time some are fetched …");
        try {
            return LocalStackMain.run(data, parts, new PrintStream(System.out, true, StandardCharsets.UTF_8));
        } catch (LocalServerException e) {
            throw new EnvironmentException(
                    "EMBEDDED_SERVERS",
                    String.valueOf(e.getMessage()),
                    data.toString(),
                    "See the servers' logs in that folder.",
                    e);
        }
    }
}

package io.sluice.app.cli;

import io.sluice.app.wiring.SourceInventory;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineReport;
import io.sluice.platform.pipeline.PipelineResult;
import io.sluice.transform.mapping.Mapping;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice init [FILE]}. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a pipeline file to begin with, from a database: every table that can be captured, as it is, into one "
                    + "service. What can't be is in it as a comment, with the reason.",
            "Only reads the database. The file holds no address and no password, but the names of variables for them. "
                    + "A file that is there stays."
        })
final class InitCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "What to write. Default: pipeline.yaml")
    private Path file = Path.of("pipeline.yaml");

    @Option(
            names = "--source-url",
            paramLabel = "URL",
            description =
                    "The database: postgresql://user:password@host:5432/database, or mongodb://…/database. Default: "
                            + "the variable SOURCE_URL, which also keeps it out of the list of processes; else it is asked for.")
    private @Nullable String url;

    @Option(
            names = "--schema",
            paramLabel = "SCHEMA",
            description =
                    "Only tables of this schema; of MongoDB a database. May be given several times. Default: all of "
                            + "the user's own; of MongoDB that of the address.")
    private List<String> schemas = new ArrayList<>();

    @Option(
            names = "--service",
            paramLabel = "NAME",
            description = "What the service is called that the tables are for. Default: as the database")
    private @Nullable String service;

    InitCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (Files.exists(file)) {
            throw exists();
        }
        String address = url();
        SourceInventory inventory = SourceInventory.at(address);
        List<SourceInventory.Found> tables = inventory.tables(schemas);
        if (!StartingFile.isWorthIt(tables)) {
            throw new BadInputException(
                    "NOTHING_TO_CAPTURE",
                    tables.isEmpty()
                            ? "there are no tables that our user can see"
                            : "no table can be captured as it is",
                    inventory.address(),
                    tables.isEmpty()
                            ? "Check the database, --schema, and the rights of the user."
                            : "Give them primary keys; `sluice plan` says more of each once it is in a file.");
        }
        String path = inventory.address();
        String name = StartingFile.named(path.substring(path.lastIndexOf('/') + 1));
        String text = StartingFile.of(name, service == null ? name : StartingFile.named(service), inventory, tables);
        write(text);
        return checked(address);
    }

    private String url() {
        String given = url == null ? System.getenv(StartingFile.SOURCE) : url;
        java.io.Console terminal = given == null && console.terminal() ? System.console() : null;
        if (terminal != null) {
            // It may hold a password.
            char[] typed =
                    terminal.readPassword("The database's address, postgresql://user:password@host:5432/database: ");
            given = typed == null ? null : new String(typed);
        }
        if (given == null || given.isBlank()) {
            throw new BadInputException(
                    "DATABASE_URL", "nothing says which database", null, "Give --source-url, or set SOURCE_URL.");
        }
        return given.strip();
    }

    private void write(String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw exists();
        } catch (IOException e) {
            throw new EnvironmentException(
                    "FILE_UNWRITABLE", "the file can't be written", file.toString(), "Choose another place.", e);
        }
    }

    private BadInputException exists() {
        return new BadInputException(
                "FILE_EXISTS", "the file is there already", file.toString(), "Name another one, or move it away.");
    }

    /** The user's own first step would be this. */
    private int checked(String address) {
        PipelineResult result = new PipelineReader(
                        Map.of(StartingFile.SOURCE, address, StartingFile.TARGET, "postgresql://target/target"),
                        Mapping.expressions())
                .read(file);
        if (!result.isValid()) {
            console.err().print(PipelineReport.render(result));
            console.err().flush();
            return ExitCode.FAILED.number();
        }
        long count = result.pipeline().stream()
                .flatMap(pipeline -> pipeline.services().stream())
                .mapToLong(each -> each.tables().size())
                .sum();
        console.out().println(file + ": " + count + (count == 1 ? " table." : " tables.") + " Next:");
        if (!Optional.ofNullable(System.getenv(StartingFile.SOURCE)).equals(Optional.of(address))) {
            console.out().println("  export " + StartingFile.SOURCE + "='…'   # the address that you gave");
        }
        console.out().println("  export " + StartingFile.TARGET + "=postgresql://user:password@host:5432/database");
        console.out().println("  sluice plan " + file);
        console.out().flush();
        return ExitCode.DONE.number();
    }
}

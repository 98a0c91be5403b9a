package io.sluice.app.cli;

import io.sluice.app.wiring.Servers;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.error.SluiceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** All commands, and how each of them ends. */
public final class Cli {

    private static final Logger LOG = LoggerFactory.getLogger(Cli.class);

    private final Console console;

    Cli(Console console) {
        this.console = console;
    }

    public static Cli ofProcess() {
        return new Cli(Console.ofProcess());
    }

    /** Runs a command line; the process is to end with what is returned. */
    public int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    /** The commands as data, for the command reference. */
    CommandLine commandLine() {
        CommandLine commands = new CommandLine(new Root())
                .addSubcommand(new InitCommand(console))
                .addSubcommand(new ValidateCommand(console))
                .addSubcommand(new TestCommand(console))
                .addSubcommand(new PreviewCommand(console))
                .addSubcommand(new SchemaCommand(console))
                .addSubcommand(new PlanCommand(console))
                .addSubcommand(new GrantsCommand(console))
                .addSubcommand(new RunCommand(console))
                .addSubcommand(new StatusCommand(console))
                .addSubcommand(new PauseCommand(console))
                .addSubcommand(new ResumeCommand(console))
                .addSubcommand(new AuditCommand(console))
                .addSubcommand(new SequencesCommand(console))
                .addSubcommand(new BackfillCommand(console))
                .addSubcommand(new ReconcileCommand(console))
                .addSubcommand(DeadLettersCommand.of(console))
                .addSubcommand(ConflictsCommand.of(console));
        if (Servers.canBeEmbedded()) {
            LocalCommands.of(console).forEach(commands::addSubcommand);
        }
        return commands.setOut(console.out())
                .setErr(console.err())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(this::wrongArguments)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure));
    }

    private int wrongArguments(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        console.err().println("sluice: " + failure.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, console.err());
        console.err().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.BAD_INPUT.number();
    }

    private int failed(Exception failure) {
        if (failure instanceof SluiceException known) {
            console.err().println("sluice: " + known.getMessage());
            return known.exitCode().number();
        }
        LOG.error("This is a mistake in Sluice itself", failure);
        console.err()
                .println("sluice: this is a mistake in Sluice itself: " + failure
                        + ". Please report it with the lines above.");
        return ExitCode.FAILED.number();
    }

    @Command(
            name = "sluice",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Change data capture from PostgreSQL and MongoDB, through Kafka, into per-service databases.")
    static final class Root implements Runnable {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            CommandLine sluice = spec.commandLine();
            throw new ParameterException(
                    sluice,
                    "which command? One of "
                            + String.join(", ", sluice.getSubcommands().keySet()));
        }
    }

    /** The version that the jar was built as. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Cli.class.getPackage().getImplementationVersion();
            return new String[] {"sluice " + (version == null ? "(from classes)" : version)};
        }
    }
}

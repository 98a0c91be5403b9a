package io.sluice.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice conflicts list|show|resolve}. */
@Command(
        name = "conflicts",
        mixinStandardHelpOptions = true,
        description =
                "Rows that are newer in a target than what came, where the file lets a person decide: `conflict: {resolve: manual}`.")
final class ConflictsCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    static CommandLine of(Console console) {
        return new CommandLine(new ConflictsCommand())
                .addSubcommand(new ListConflictsCommand(console))
                .addSubcommand(new ShowConflictCommand(console))
                .addSubcommand(new ResolveConflictsCommand(console));
    }

    @Override
    public void run() {
        CommandLine own = spec.commandLine();
        throw new ParameterException(
                own, "which of " + String.join(", ", own.getSubcommands().keySet()) + "?");
    }
}

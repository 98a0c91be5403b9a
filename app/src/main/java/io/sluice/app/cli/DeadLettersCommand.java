package io.sluice.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice dead-letters list|show|replay|discard|set-aside}. */
@Command(
        name = "dead-letters",
        mixinStandardHelpOptions = true,
        description =
                "What could not become rows, or was refused by a target: look at it, try it again, or give it up.")
final class DeadLettersCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    static CommandLine of(Console console) {
        return new CommandLine(new DeadLettersCommand())
                .addSubcommand(new ListLettersCommand(console))
                .addSubcommand(new ShowLetterCommand(console))
                .addSubcommand(new ReplayLettersCommand(console))
                .addSubcommand(new DiscardLettersCommand(console))
                .addSubcommand(new SetAsideCommand(console));
    }

    @Override
    public void run() {
        CommandLine own = spec.commandLine();
        throw new ParameterException(
                own, "which of " + String.join(", ", own.getSubcommands().keySet()) + "?");
    }
}

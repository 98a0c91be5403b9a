package io.sluice.app.cli;

import io.sluice.app.wiring.Letters;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import picocli.CommandLine.Command;

/** {@code sluice dead-letters discard FILE}. */
@Command(
        name = "discard",
        mixinStandardHelpOptions = true,
        description = {
            "Gives up what waits in the target for a key: it goes on with the first change that says all of its row.",
            "Until then the target keeps the row as it is; `sluice backfill` brings it at once.",
            "What waits in the transform is settled by `sluice backfill` alone."
        })
final class DiscardLettersCommand extends HeldLettersCommand {

    private final Console console;

    DiscardLettersCommand(Console console) {
        super(console, HeldRequest.Action.DISCARD, "are given up");
        this.console = console;
    }

    @Override
    int askTransform(Pipeline pipeline, ServiceSpec of, Letters letters, HeldChoice choice) {
        if (!choice.mapped().isEmpty()) {
            console.err()
                    .println("Letters of the transform are not given up: have their source tables read again with "
                            + "`sluice backfill`, which settles them.");
        }
        return choice.mapped().size();
    }

    @Override
    ExitCode noneHeld(int mapped) {
        console.out().println("No sink holds any of them.");
        return mapped == 0 ? ExitCode.DONE : ExitCode.BAD_INPUT;
    }
}

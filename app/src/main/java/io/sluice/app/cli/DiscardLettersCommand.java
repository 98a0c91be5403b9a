package io.sluice.app.cli;

import io.sluice.app.wiring.Letters;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice dead-letters discard FILE}. */
@Command(
        name = "discard",
        mixinStandardHelpOptions = true,
        description = {
            "Gives up what waits in the target for a key: it goes on with the first change that says all of its row.",
            "Until then the target keeps the row as it is; `sluice backfill` brings it at once.",
            "What waits in the transform is settled by `sluice backfill` alone."
        })
final class DiscardLettersCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PipelineFile file = new PipelineFile();

    @Option(names = "--service", paramLabel = "SERVICE", required = true, description = "Whose letters.")
    private String service = "";

    @ArgGroup(multiplicity = "1")
    private LetterOptions which = new LetterOptions();

    DiscardLettersCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        ServiceSpec of = LetterChoice.service(spec.commandLine(), pipeline.get(), service);
        try (Servers servers = Servers.open(pipeline.get(), file.stateFolder())) {
            Letters letters = new Letters(pipeline.get(), of, servers.kafka());
            HeldChoice choice =
                    new HeldChoice(spec.commandLine(), pipeline.get(), of, letters, which.number, which.table);
            if (!choice.mapped().isEmpty()) {
                console.err()
                        .println("Letters of the transform are not given up: have their source tables read again with "
                                + "`sluice backfill`, which settles them.");
            }
            if (!choice.isHeld()) {
                console.out().println("No sink holds any of them.");
                return choice.mapped().isEmpty() ? ExitCode.DONE.number() : ExitCode.BAD_INPUT.number();
            }
            return told(choice.ask(HeldRequest.Action.DISCARD, which.number != null, PATIENCE));
        } finally {
            console.out().flush();
        }
    }

    private int told(HeldChoice.Answer answer) {
        console.out().println(answer.gone() + " held records are given up, " + answer.still() + " are held still.");
        if (!answer.complete()) {
            console.err()
                    .println("No sink has answered yet; one that runs later does it. `dead-letters list` shows it.");
            return ExitCode.ENVIRONMENT.number();
        }
        return answer.still() == 0 ? ExitCode.DONE.number() : ExitCode.FAILED.number();
    }
}

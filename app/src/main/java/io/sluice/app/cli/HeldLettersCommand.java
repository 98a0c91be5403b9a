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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Something that is asked about letters, and that whoever holds their records does: what the commands for it share. */
abstract class HeldLettersCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Console console;
    private final HeldRequest.Action action;
    /** What has become of records that are held no longer. */
    private final String done;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(names = "--service", paramLabel = "SERVICE", required = true, description = "Whose letters.")
    private String service = "";

    @ArgGroup(multiplicity = "1")
    private LetterOptions which = new LetterOptions();

    HeldLettersCommand(Console console, HeldRequest.Action action, String done) {
        this.console = console;
        this.action = action;
        this.done = done;
    }

    /**
     * Sees to the letters of the transform.
     *
     * @return how many were asked about, or told of
     */
    abstract int askTransform(Pipeline pipeline, ServiceSpec of, Letters letters, HeldChoice choice)
            throws InterruptedException;

    /**
     * Ends the command where no sink holds any of them.
     *
     * @param mapped what {@link #askTransform} returned
     */
    abstract ExitCode noneHeld(int mapped);

    @Override
    public Integer call() throws InterruptedException {
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        ServiceSpec of = LetterChoice.service(spec.commandLine(), pipeline.get(), service);
        if (of.isStrong()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "service " + service
                            + " is strong: its letters are of transactions that were set aside, and `sluice backfill` "
                            + "of their tables settles them");
        }
        try (Servers servers = Servers.open(pipeline.get(), file.stateFolder())) {
            Letters letters = new Letters(pipeline.get(), of, servers.kafka());
            HeldChoice choice =
                    new HeldChoice(spec.commandLine(), pipeline.get(), of, letters, which.number, which.table);
            int mapped = askTransform(pipeline.get(), of, letters, choice);
            if (!choice.isHeld()) {
                return noneHeld(mapped).number();
            }
            return told(choice.ask(action, which.number != null, PATIENCE)).number();
        } finally {
            console.out().flush();
        }
    }

    private ExitCode told(HeldChoice.Answer answer) {
        console.out().println(answer.gone() + " held records " + done + ", " + answer.still() + " are held still.");
        if (!answer.complete()) {
            console.err()
                    .println("No sink has answered yet; one that runs later does it. `dead-letters list` shows it.");
            return ExitCode.ENVIRONMENT;
        }
        return answer.still() == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }
}

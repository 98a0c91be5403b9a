package io.sluice.app.cli;

import io.sluice.app.wiring.Letters;
import io.sluice.app.wiring.Letters.Letter;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice dead-letters replay FILE}. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Has what waits be tried again, key by key, each in its order.",
            "The sinks' answer is waited for: it ends with 1 if rows are refused again, with 3 if none answers.",
            "The transform does what it is asked without an answer here; its log says how it went."
        })
final class ReplayLettersCommand implements Callable<Integer> {

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

    ReplayLettersCommand(Console console) {
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
            int asked = askTransform(pipeline.get(), of, letters, choice);
            if (asked > 0) {
                console.out()
                        .println("Asked the transform to map " + asked
                                + " parked keys again; its log says how it goes.");
            }
            if (!choice.isHeld()) {
                console.out().println(asked > 0 ? "No sink holds any of them." : "Nothing of them is held.");
                return ExitCode.DONE.number();
            }
            return told(choice.ask(HeldRequest.Action.REPLAY, which.number != null, PATIENCE));
        } finally {
            console.out().flush();
        }
    }

    private static int askTransform(Pipeline pipeline, ServiceSpec of, Letters letters, HeldChoice choice)
            throws InterruptedException {
        Map<String, String> tables = LetterChoice.tables(pipeline, of);
        LinkedHashSet<ReplayRequest> requests = new LinkedHashSet<>();
        for (Letter letter : choice.mapped()) {
            Bytes key = letter.content().key();
            if (key != null) {
                requests.add(new ReplayRequest(letter.content().topic(), key));
            }
        }
        for (ReplayRequest request : requests) {
            String name = LetterChoice.table(tables, request.topic());
            for (TableId table : of.reads()) {
                if (table.toString().equals(name)) {
                    letters.replay(request, of.partitionsOf(table));
                }
            }
        }
        return requests.size();
    }

    private int told(HeldChoice.Answer answer) {
        console.out().println(answer.gone() + " held records came through, " + answer.still() + " are held still.");
        if (!answer.complete()) {
            console.err()
                    .println("No sink has answered yet; one that runs later does it. `dead-letters list` shows it.");
            return ExitCode.ENVIRONMENT.number();
        }
        return answer.still() == 0 ? ExitCode.DONE.number() : ExitCode.FAILED.number();
    }
}

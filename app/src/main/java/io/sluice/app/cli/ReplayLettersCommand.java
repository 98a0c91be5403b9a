package io.sluice.app.cli;

import io.sluice.app.wiring.Letters;
import io.sluice.app.wiring.Letters.Letter;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.util.LinkedHashSet;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code sluice dead-letters replay FILE}. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Has what waits be tried again, key by key, each in its order.",
            "The sinks' answer is waited for: it ends with 1 if rows are refused again, with 3 if none answers.",
            "The transform does what it is asked without an answer here; its log says how it went."
        })
final class ReplayLettersCommand extends HeldLettersCommand {

    private final Console console;

    ReplayLettersCommand(Console console) {
        super(console, HeldRequest.Action.REPLAY, "came through");
        this.console = console;
    }

    @Override
    int askTransform(Pipeline pipeline, ServiceSpec of, Letters letters, HeldChoice choice)
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
        if (!requests.isEmpty()) {
            console.out()
                    .println("Asked the transform to map " + requests.size()
                            + " parked keys again; its log says how it goes.");
        }
        return requests.size();
    }

    @Override
    ExitCode noneHeld(int mapped) {
        console.out().println(mapped > 0 ? "No sink holds any of them." : "Nothing of them is held.");
        return ExitCode.DONE;
    }
}

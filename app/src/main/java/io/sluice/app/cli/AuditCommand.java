package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.app.wiring.ControlStores;
import io.sluice.platform.control.AuditEntry;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.Pipeline;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice audit FILE}. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = "Lists who had what paused and resumed, when and why; the latest first. Only reads.")
final class AuditCommand implements Callable<Integer> {

    private static final int MOST = 100_000;

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(names = "--limit", paramLabel = "N", description = "How many entries. Default: 50")
    private int limit = 50;

    @Option(names = "--json", description = "Print them as JSON.")
    private boolean json;

    AuditCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (limit < 1 || limit > MOST) {
            throw new ParameterException(spec.commandLine(), "--limit is from 1 to " + MOST);
        }
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        List<AuditEntry> entries = entries(read.get());
        if (json) {
            console.out().println(tree(entries).toPrettyString());
        } else {
            if (entries.isEmpty()) {
                console.out().println("nothing was asked for yet");
            }
            entries.forEach(entry -> console.out()
                    .println(entry.at().truncatedTo(ChronoUnit.SECONDS) + "  " + entry.who() + "  " + entry.action()
                            + " " + entry.subject() + " (" + entry.outcome().word() + "): " + entry.why()));
        }
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private List<AuditEntry> entries(Pipeline pipeline) {
        Optional<ControlStores> existing = ControlStores.openExisting(pipeline, file.stateFolder());
        if (existing.isEmpty()) {
            return List.of();
        }
        try (ControlStores control = existing.get()) {
            return control.store().audit(pipeline.name(), limit);
        }
    }

    private static ObjectNode tree(List<AuditEntry> entries) {
        ObjectNode root = new JsonMapper().createObjectNode();
        ArrayNode list = root.putArray("entries");
        entries.forEach(entry -> list.addObject()
                .put("number", entry.number())
                .put("at", entry.at().toString())
                .put("who", entry.who())
                .put("action", entry.action())
                .put("subject", entry.subject())
                .put("why", entry.why())
                .put("outcome", entry.outcome().word()));
        return root;
    }
}

package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.app.wiring.Conflicts;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.parking.OpenConflict;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice conflicts list FILE}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Names the conflicts of each service that wait for a decision, oldest first; no values.")
final class ListConflictsCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "Name no more than so many of each service (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(names = "--json", description = "Print them as JSON, all of them.")
    private boolean json;

    ListConflictsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        Pipeline pipeline = read.get();
        Map<ServiceSpec, List<OpenConflict>> all = new LinkedHashMap<>();
        try (Servers servers = Servers.open(pipeline, file.stateFolder())) {
            for (ServiceSpec service : pipeline.services()) {
                if (decides(service)) {
                    all.put(service, new Conflicts(pipeline, service).all(ConflictNames.MOST));
                }
            }
        }
        console.out().print(json ? json(pipeline, all) : text(pipeline, all));
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private static boolean decides(ServiceSpec service) {
        return service.tables().stream()
                .anyMatch(table -> table.conflict().resolve() == ConflictSpec.Resolution.MANUAL);
    }

    private String text(Pipeline pipeline, Map<ServiceSpec, List<OpenConflict>> all) {
        StringBuilder text = new StringBuilder();
        all.forEach((service, conflicts) -> {
            ConflictNames names = new ConflictNames(pipeline, service);
            for (OpenConflict conflict : conflicts.subList(0, Math.min(limit, conflicts.size()))) {
                text.append(service.name())
                        .append("  ")
                        .append(names.name(conflict))
                        .append("  ")
                        .append(conflict.problem())
                        .append("; ")
                        .append(conflict.behind())
                        .append(conflict.behind() == 1 ? " change" : " changes")
                        .append(" behind it, since ")
                        .append(Instant.ofEpochMilli(conflict.sinceMillis()))
                        .append(conflict.asked() == null ? "" : "; a decision was in vain")
                        .append('\n');
            }
            if (conflicts.size() > limit) {
                text.append(service.name())
                        .append("  and ")
                        .append(conflicts.size() - limit)
                        .append(" more\n");
            }
        });
        return text.length() == 0 ? "no conflicts\n" : text.toString();
    }

    private static String json(Pipeline pipeline, Map<ServiceSpec, List<OpenConflict>> all) {
        ArrayNode array = new JsonMapper().createArrayNode();
        all.forEach((service, conflicts) -> {
            ConflictNames names = new ConflictNames(pipeline, service);
            for (OpenConflict conflict : conflicts) {
                ObjectNode node = array.addObject();
                node.put("service", service.name());
                node.put("conflict", names.name(conflict));
                node.put("table", names.table(conflict).toString());
                node.put("problem", conflict.problem());
                node.put("position", conflict.position());
                node.put("behind", conflict.behind());
                node.put("since", Instant.ofEpochMilli(conflict.sinceMillis()).toString());
                node.put("inVain", conflict.asked() != null);
            }
        });
        return array.toPrettyString() + "\n";
    }
}

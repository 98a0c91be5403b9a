package io.sluice.app.cli;

import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.sink.parking.OpenConflict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What operators call the conflicts of a service. */
final class ConflictNames {

    /** How many conflicts of a service a command looks at. */
    static final int MOST = 100_000;

    private final String service;
    private final Map<String, TargetTable> tables = new HashMap<>();

    ConflictNames(Pipeline pipeline, ServiceSpec service) {
        this.service = service.name();
        Names names = new Names(pipeline.name());
        for (TableSpec table : service.tables()) {
            tables.put(names.rows(service.name(), table.target()), table.target());
        }
    }

    TargetTable table(OpenConflict conflict) {
        return tables.getOrDefault(
                conflict.partition().topic(),
                TargetTable.inDefaultSchema(conflict.partition().topic()));
    }

    /** By the place of its first record, which no other conflict has. */
    String name(OpenConflict conflict) {
        return table(conflict) + ":" + conflict.partition().partition() + ":" + conflict.offset();
    }

    OpenConflict named(CommandLine command, List<OpenConflict> all, String name) {
        return all.stream()
                .filter(conflict -> name(conflict).equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        command,
                        "service " + service + " has no conflict " + name + "; `conflicts list` names those it has"));
    }
}

package io.sluice.transform.spec;

import io.sluice.platform.config.DidYouMean;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.transform.mapping.ServiceMapping;
import io.sluice.transform.mapping.SourceTable;
import java.util.List;
import java.util.Optional;

/** A service with its mapping, compiled for the tables that are declared. */
record BoundService(String pipeline, ServiceSpec spec, List<SourceTable> sources, ServiceMapping mapping) {

    Optional<SourceTable> source(String name) {
        return sources.stream()
                .filter(table -> table.id().toString().equals(name))
                .findFirst();
    }

    String problemWith(String name) {
        return spec.reads().stream().map(TableId::toString).anyMatch(name::equals)
                ? "nobody says what columns " + name + " has"
                : spec.name() + " does not read " + name;
    }

    String suggestionFor(String name) {
        List<String> read = spec.reads().stream().map(TableId::toString).toList();
        return read.contains(name)
                ? "declare it under tables: in a file of this folder"
                : DidYouMean.suggest(name, read);
    }

    /** Of a name for which {@link #targetSchema} found one. */
    TargetTable target(String name) {
        return mapping.targets().keySet().stream()
                .filter(table -> table.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    Optional<RowSchema> targetSchema(String name) {
        return mapping.targets().entrySet().stream()
                .filter(entry -> entry.getKey().toString().equals(name))
                .map(entry -> entry.getValue())
                .findFirst();
    }

    List<String> targetNames() {
        return mapping.targets().keySet().stream().map(TargetTable::toString).toList();
    }
}

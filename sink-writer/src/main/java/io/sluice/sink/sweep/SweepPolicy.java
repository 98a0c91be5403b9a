package io.sluice.sink.sweep;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import io.sluice.sink.batch.WriteRules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which target tables are swept. */
public final class SweepPolicy {

    private SweepPolicy() {}

    /**
     * A table that is swept.
     *
     * @param sources the source tables whose loads sweep it, each what comes from it
     * @param sourceColumn the column of the key that holds the name of a row's source, where it has several
     * @param shared whether it is kept of each row which source tables have it
     */
    public record Swept(Set<TableId> sources, Optional<String> sourceColumn, boolean shared) {

        public Swept {
            sources = Set.copyOf(sources);
        }

        /** A table all of whose rows come from this one. */
        public static Swept whole(TableId source) {
            return new Swept(Set.of(source), Optional.empty(), false);
        }
    }

    /** Whose loads sweep which tables. */
    public static Map<TargetTable, Swept> swept(List<TableSpec> tables) {
        return tables.stream()
                .filter(table -> whyNot(table).isEmpty())
                .collect(Collectors.toMap(TableSpec::target, SweepPolicy::swept));
    }

    private static Swept swept(TableSpec table) {
        return new Swept(
                Set.copyOf(table.from()),
                table.hasSeveralSources() ? table.sourceInKey() : Optional.empty(),
                WriteRules.of(table).shared());
    }

    /** Why rows of this table stay even if a load did not see them; empty if they go. */
    public static Optional<String> whyNot(TableSpec table) {
        if (table.write().mode() == WriteSpec.Mode.APPEND_ONLY) {
            return Optional.of("it is append-only");
        }
        if (table.conflict().resolve() == ConflictSpec.Resolution.MANUAL) {
            return Optional.of("its conflicts are a person's to decide");
        }
        if (!(table.deletes() instanceof DeletePolicy.Hard)) {
            return Optional.of("deletes at the source do not delete its rows");
        }
        return Optional.empty();
    }
}

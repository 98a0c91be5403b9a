package io.sluice.sink.sweep;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which target tables are swept. */
public final class SweepPolicy {

    private SweepPolicy() {}

    /** Whose loads sweep which tables. */
    public static Map<TargetTable, TableId> swept(List<TableSpec> tables) {
        return tables.stream()
                .filter(table -> whyNot(table).isEmpty())
                .collect(Collectors.toMap(
                        TableSpec::target, table -> table.from().get(0)));
    }

    /** Why rows of this table stay even if a load did not see them; empty if they go. */
    public static Optional<String> whyNot(TableSpec table) {
        if (table.from().size() > 1) {
            return Optional.of("its rows come from several source tables, and none says from which");
        }
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

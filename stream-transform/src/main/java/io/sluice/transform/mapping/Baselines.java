package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which columns the source tables had when each mapping was begun. What came later has appeared under it.
 *
 * @param known by target and source table; a pair that is not among them knows every column
 */
public record Baselines(Map<Pair, Set<String>> known) {

    public static final Baselines NONE = new Baselines(Map.of());

    /** One mapping. */
    public record Pair(TargetTable target, TableId source) {}

    public Baselines {
        known = Map.copyOf(known);
    }

    /** The source as the mapping of this target sees it. */
    public SourceTable seenBy(TargetTable target, SourceTable source) {
        Set<String> columns = known.get(new Pair(target, source.id()));
        if (columns == null) {
            return source;
        }
        Set<String> appeared = new HashSet<>();
        for (Column column : source.row().columns()) {
            if (!columns.contains(column.name())) {
                appeared.add(column.name());
            }
        }
        return new SourceTable(source.id(), source.row(), source.wholeBefore(), appeared);
    }
}

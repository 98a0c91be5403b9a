package io.sluice.transform.spec;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of a service's tables, to which changes are written as the pipeline file says. */
final class TargetRows {

    private final ServiceSpec service;
    private final Map<TargetTable, Map<Key, Row>> tables = new HashMap<>();
    private final Map<TargetTable, Set<Key>> marked = new HashMap<>();

    TargetRows(ServiceSpec service) {
        this.service = service;
    }

    List<Row> of(TargetTable table) {
        return List.copyOf(rows(table).values());
    }

    /** Writes a change; what stands in its way, or empty. */
    Optional<String> write(RowChange change) {
        TableSpec table = service.table(change.table()).orElseThrow();
        Map<Key, Row> rows = rows(change.table());
        Row present = rows.get(change.key());
        if (change instanceof RowChange.Upsert upsert) {
            if (present == null && !upsert.row().isWhole()) {
                return Optional.of("a row that is not there is changed in part");
            }
            rows.put(change.key(), present == null ? upsert.row() : changed(table, present, upsert.row()));
            boolean stale = present != null && isStale(table.conflict(), present, upsert.row());
            if (!stale && upsert.row().isWhole()) {
                marks(change.table()).remove(change.key());
            }
        } else if (table.deletes() instanceof DeletePolicy.Hard) {
            rows.remove(change.key());
        } else if (table.deletes() instanceof DeletePolicy.Soft && present != null) {
            marks(change.table()).add(change.key());
        }
        return Optional.empty();
    }

    /** Whether the row with this key stands there and says that it is deleted. */
    boolean isMarked(TargetTable table, Key key) {
        return marks(table).contains(key);
    }

    /** All rows of the table go. */
    void empty(TargetTable table) {
        rows(table).clear();
        marks(table).clear();
    }

    private Set<Key> marks(TargetTable table) {
        return marked.computeIfAbsent(table, id -> new HashSet<>());
    }

    private Map<Key, Row> rows(TargetTable table) {
        return tables.computeIfAbsent(table, id -> new LinkedHashMap<>());
    }

    private static Row changed(TableSpec table, Row present, Row incoming) {
        if (table.write().mode() != WriteSpec.Mode.UPSERT || isStale(table.conflict(), present, incoming)) {
            return present;
        }
        List<String> update = table.write().update();
        @Nullable Object[] values = new Object[present.schema().size()];
        for (int i = 0; i < values.length; i++) {
            boolean changes = update.isEmpty()
                    || update.contains(present.schema().column(i).name());
            values[i] = changes && !incoming.isUnchanged(i) ? incoming.value(i) : present.value(i);
        }
        return new Row(present.schema(), values);
    }

    /** Equal applies, null loses. */
    private static boolean isStale(ConflictSpec conflict, Row present, Row incoming) {
        if (conflict.resolve() != ConflictSpec.Resolution.LAST_WRITE_WINS
                || conflict.by().isEmpty()) {
            return false;
        }
        Object stored = present.value(conflict.by().get());
        Object arriving = incoming.value(conflict.by().get());
        if (stored == null) {
            return false;
        }
        return arriving == null || (arriving instanceof Long late && stored instanceof Long early && late < early);
    }
}

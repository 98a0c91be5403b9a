package io.sluice.sink.batch;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which source tables have the rows of one round, as its changes tell: each key's last change of a table says so. Where nobody
 * knows which table a change is of, nothing is told. Belongs to one thread.
 */
final class Shares {

    private final Map<Key, Map<String, Boolean>> has = new LinkedHashMap<>();
    private final Set<Key> unknown = new HashSet<>();

    private record Group(String source, RowSchema keySchema) {}

    void add(Incoming incoming) {
        Key key = incoming.change().key();
        String source = incoming.source();
        if (source == null) {
            unknown.add(key);
        } else {
            has.computeIfAbsent(key, first -> new LinkedHashMap<>())
                    .put(source, incoming.change() instanceof RowChange.Upsert);
        }
    }

    /** Whether all changes of the key are of this table. */
    boolean isOnly(Key key, @Nullable String source) {
        Set<String> known = has.getOrDefault(key, Map.of()).keySet();
        return source == null ? known.isEmpty() : known.equals(Set.of(source)) && !unknown.contains(key);
    }

    /** What is to be noted; those who have rows, or those who have them no more. */
    List<Write> writes(TargetTable table, boolean having) {
        Map<Group, List<Key>> groups = new LinkedHashMap<>();
        has.forEach((key, sources) -> sources.forEach((source, holds) -> {
            if (holds == having) {
                groups.computeIfAbsent(new Group(source, key.schema()), first -> new ArrayList<>())
                        .add(key);
            }
        }));
        List<Write> writes = new ArrayList<>(groups.size());
        groups.forEach(
                (group, keys) -> writes.add(new Write.Holders(table, group.keySchema(), keys, group.source(), having)));
        return writes;
    }
}

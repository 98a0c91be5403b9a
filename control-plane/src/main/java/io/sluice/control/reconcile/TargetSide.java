package io.sluice.control.reconcile;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The target table. */
final class TargetSide {

    private final RowMatch match;
    private final RowSchema key;
    private final List<Column> keyTypes = new ArrayList<>();
    private final TableReader keys;
    private final TableReader rows;
    private final List<String> order;
    private final String unmarked;
    private final Session asking;

    /**
     * @param key the target's key as the mapping has it
     * @param order an index's columns to read it by; empty: there is none
     * @param mark the column that marks rows as deleted, or null
     * @param keys reads all keys
     * @param rows looks rows up meanwhile
     */
    TargetSide(
            RowMatch match,
            RowSchema key,
            List<String> order,
            @Nullable Column mark,
            TableReader keys,
            TableReader rows,
            Session asking) {
        this.match = match;
        this.key = key;
        this.order = order;
        this.unmarked = mark == null
                ? ""
                : "t." + Identifiers.quoted(mark.name())
                        + (mark.type() == Simple.BOOLEAN ? " IS NOT TRUE" : " IS NULL");
        this.keys = keys;
        this.rows = rows;
        this.asking = asking;
        key.keyColumns()
                .forEach(name -> keyTypes.add(
                        rows.rows().column(rows.rows().indexOf(name)).renamed(name)));
    }

    /** The types of the key's columns here. */
    List<Column> keyTypes() {
        return keyTypes;
    }

    /** A row as far as its key tells it. */
    record Named(RowKey row, List<@Nullable Object> key) {}

    /** The keys of all rows that are not marked as deleted. */
    void scan(Batches<Named> batches) throws InterruptedException {
        keys.scan(order, unmarked, batch -> {
            List<Named> named = new ArrayList<>(batch.size());
            for (TableReader.Found found : batch) {
                named.add(named(found.row()));
            }
            batches.take(named);
        });
    }

    private Named named(Row row) {
        List<@Nullable Object> parts = new ArrayList<>(keyTypes.size());
        List<@Nullable Object> canonical = new ArrayList<>(keyTypes.size());
        for (String column : key.keyColumns()) {
            parts.add(row.value(column));
            canonical.add(match.keyPartOfActual(column, row.value(column)));
        }
        return new Named(new RowKey(canonical), parts);
    }

    /** These rows as they are now. */
    Map<RowKey, Look.Target> look(Collection<Suspect> suspects) throws InterruptedException {
        Map<List<Column>, Map<RowKey, List<@Nullable Object>>> byTypes = new LinkedHashMap<>();
        for (Suspect suspect : suspects) {
            byTypes.computeIfAbsent(suspect.types(), none -> new LinkedHashMap<>())
                    .put(suspect.row(), suspect.key());
        }
        Map<RowKey, Look.Target> looks = new HashMap<>();
        for (Map.Entry<List<Column>, Map<RowKey, List<@Nullable Object>>> group : byTypes.entrySet()) {
            looks.putAll(look(group.getKey(), List.copyOf(group.getValue().values())));
        }
        return looks;
    }

    /** @param types of the values */
    Map<RowKey, Look.Target> look(List<Column> types, List<List<@Nullable Object>> wanted) throws InterruptedException {
        Map<RowKey, Look.Target> looks = new HashMap<>();
        for (TableReader.Found found : rows.lookUp(key.keyColumns(), types, wanted)) {
            boolean exact = !found.version().isEmpty();
            String version =
                    exact ? found.version() : Integer.toHexString(found.row().hashCode());
            looks.put(match.keyOfActual(found.row()), new Look.Target(version, found.row(), exact));
        }
        return looks;
    }

    /** By the target's own clock, which decides what is old. */
    long nowMicros() throws InterruptedException {
        return asking.ask(() -> nowMicros(asking.seeking()));
    }

    private static long nowMicros(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet now =
                        statement.executeQuery("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")) {
            now.next();
            return now.getLong(1);
        }
    }
}

package io.sluice.control.reconcile;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.transform.mapping.CompiledMapping;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One source table of a target table. */
final class SourceSide {

    private final CompiledMapping mapping;
    private final Expectation expectation;
    private final RowSchema rows;
    private final List<String> order;
    private final TableReader scanner;
    private final TableReader seeker;
    private final List<String> keyAtTarget;

    /**
     * @param order an index's columns to read it by; empty: there is none
     * @param scanner reads it all
     * @param seeker looks rows up meanwhile
     */
    SourceSide(CompiledMapping mapping, RowMatch match, List<String> order, TableReader scanner, TableReader seeker) {
        this.mapping = mapping;
        this.rows = scanner.rows();
        this.expectation = new Expectation(mapping, rows, match);
        this.order = order;
        this.scanner = scanner;
        this.seeker = seeker;
        this.keyAtTarget = mapping.isKeyedAsSource() ? mapping.sourceKeyAtTarget() : List.of();
    }

    /** A source row with what it becomes. */
    record Read(Row row, String version, Expectation.Rows becomes) {}

    void scan(Batches<Read> batches) throws InterruptedException {
        scan(scanner, batches);
    }

    private void scan(TableReader reader, Batches<Read> batches) throws InterruptedException {
        reader.scan(order, "", batch -> batches.take(read(batch)));
    }

    private List<Read> read(List<TableReader.Found> batch) {
        List<Read> read = new ArrayList<>(batch.size());
        for (TableReader.Found found : batch) {
            read.add(new Read(found.row(), found.version(), expectation.of(found.row())));
        }
        return read;
    }

    List<@Nullable Object> keyOf(Row row) {
        List<@Nullable Object> key = new ArrayList<>(rows.keyColumns().size());
        rows.keyColumns().forEach(column -> key.add(row.value(column)));
        return key;
    }

    TableId id() {
        return mapping.source();
    }

    /** The target rows that the row of this key concerns, as far as it tells them. */
    List<RowKey> concernedBy(Key key) {
        return expectation.concernedBy(key);
    }

    /** The key of the row of this table that it concerns, as far as it can be told. */
    Optional<RowKey> sourceKeyOf(Suspect suspect) {
        if (suspect.from() == this) {
            return Optional.of(canonical(rows.keySchema().columns(), Objects.requireNonNull(suspect.sourceKey())));
        }
        if (suspect.from() != null || keyAtTarget.isEmpty()) {
            return Optional.empty();
        }
        Sought sought = soughtByTargetKey(suspect);
        return Optional.of(canonical(sought.types(), sought.key()));
    }

    /** What this table asks for of these target rows now, added to what others ask for. */
    void look(Collection<Suspect> suspects, Map<RowKey, Asked> asked) throws InterruptedException {
        Map<List<Column>, Map<RowKey, Sought>> byTypes = new LinkedHashMap<>();
        Map<RowKey, Suspect> unknown = new HashMap<>();
        for (Suspect suspect : suspects) {
            if (suspect.from() == this && mapping.isKeyedAsSource()) {
                List<Column> types = rows.keySchema().columns();
                seek(byTypes, types, Objects.requireNonNull(suspect.sourceKey()), suspect);
            } else if (!keyAtTarget.isEmpty()) {
                Sought sought = soughtByTargetKey(suspect);
                seek(byTypes, sought.types(), sought.key(), suspect);
            } else {
                unknown.put(suspect.row(), suspect);
            }
        }
        for (Map.Entry<List<Column>, Map<RowKey, Sought>> group : byTypes.entrySet()) {
            lookUp(group.getKey(), group.getValue(), asked);
        }
        if (!unknown.isEmpty()) {
            scan(seeker, batch -> batch.forEach(read -> takeScanned(read, unknown, asked)));
        }
    }

    /** Rows of a source key that is looked for, and the target rows for whose sake. */
    private record Sought(List<Column> types, List<@Nullable Object> key, List<RowKey> targets) {}

    private Sought soughtByTargetKey(Suspect suspect) {
        RowSchema target = mapping.keySchema();
        List<Column> types = new ArrayList<>();
        List<@Nullable Object> key = new ArrayList<>();
        for (String column : keyAtTarget) {
            int part = target.indexOf(column);
            types.add(suspect.types().get(part));
            key.add(suspect.key().get(part));
        }
        return new Sought(types, key, new ArrayList<>());
    }

    private static void seek(
            Map<List<Column>, Map<RowKey, Sought>> byTypes,
            List<Column> types,
            List<@Nullable Object> key,
            Suspect suspect) {
        byTypes.computeIfAbsent(types, none -> new LinkedHashMap<>())
                .computeIfAbsent(canonical(types, key), none -> new Sought(types, key, new ArrayList<>()))
                .targets()
                .add(suspect.row());
    }

    private static RowKey canonical(List<Column> types, List<@Nullable Object> values) {
        List<@Nullable Object> parts = new ArrayList<>(values.size());
        for (int i = 0; i < types.size(); i++) {
            parts.add(Canonical.of(types.get(i).type(), values.get(i)));
        }
        return new RowKey(parts);
    }

    private void lookUp(List<Column> types, Map<RowKey, Sought> sought, Map<RowKey, Asked> asked)
            throws InterruptedException {
        List<List<@Nullable Object>> keys =
                new ArrayList<>(sought.values().stream().map(Sought::key).toList());
        List<Column> own = rows.keySchema().columns();
        for (Read read : read(seeker.lookUp(rows.keyColumns(), types, keys))) {
            Sought found = sought.get(canonical(own, keyOf(read.row())));
            if (found != null) {
                found.targets().forEach(target -> asked.computeIfAbsent(target, none -> new Asked())
                        .add(read, target));
            }
        }
    }

    private static void takeScanned(Read read, Map<RowKey, Suspect> wanted, Map<RowKey, Asked> asked) {
        for (Expectation.Wanted each : read.becomes().wanted()) {
            if (wanted.containsKey(each.key())) {
                asked.computeIfAbsent(each.key(), none -> new Asked()).add(read, each.key());
            }
        }
        for (RowKey held : read.becomes().held()) {
            if (wanted.containsKey(held)) {
                asked.computeIfAbsent(held, none -> new Asked()).add(read, held);
            }
        }
        if (read.becomes().rejected() && read.becomes().held().isEmpty()) {
            // It could concern any of them.
            wanted.keySet().forEach(key -> asked.computeIfAbsent(key, none -> new Asked())
                    .doubt());
        }
    }

    /** What source rows ask for of one target row. */
    static final class Asked {

        private final List<String> versions = new ArrayList<>();
        private final List<Row> wanted = new ArrayList<>();
        private boolean rejected;
        private boolean doubtful;

        private void add(Read read, RowKey target) {
            versions.add(read.version());
            rejected |= read.becomes().rejected();
            read.becomes().wanted().stream()
                    .filter(each -> each.key().equals(target))
                    .forEach(each -> wanted.add(each.row()));
        }

        private void doubt() {
            doubtful = true;
        }

        Look.Source look() {
            versions.sort(null);
            return new Look.Source(String.join(",", versions), wanted, rejected || (doubtful && wanted.isEmpty()));
        }
    }
}

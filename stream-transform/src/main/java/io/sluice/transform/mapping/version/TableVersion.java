package io.sluice.transform.mapping.version;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.transform.mapping.SourceTable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the mapping of one target table does, however its file is laid out.
 *
 * @param columns what each target column is and is made from
 * @param settings what else decides which rows there are and what is in them, by the setting's name; those in force alone
 * @param copiesNew whether columns that appear at the source flow on
 * @param known for each source table, the columns that it had when the mapping was begun
 * @param leftOut whether columns that it did not have then may have come and been left out, by this version or one before
 */
public record TableVersion(
        Map<String, ColumnVersion> columns,
        List<String> key,
        Map<String, String> settings,
        boolean copiesNew,
        DriftPolicy onDrift,
        Map<String, List<String>> known,
        boolean leftOut) {

    /**
     * One target column.
     *
     * @param type as SQL declares it
     * @param from what it is made from, in words of our own
     */
    public record ColumnVersion(String type, boolean nullable, String from) {}

    public TableVersion {
        columns = Map.copyOf(columns);
        key = List.copyOf(key);
        settings = Map.copyOf(settings);
        known = Map.copyOf(known);
    }

    /**
     * The version that a table's mapping has now.
     *
     * @param rows what its target rows are
     * @param sources its source tables as they are now
     * @param before what was kept of it; a mapping that leaves new columns out goes on from what it knew then
     */
    public static TableVersion of(
            TableSpec table, RowSchema rows, Collection<SourceTable> sources, Optional<TableVersion> before) {
        MappingWords words = new MappingWords(table);
        Map<String, ColumnVersion> columns = new TreeMap<>();
        for (Column column : rows.columns()) {
            columns.put(
                    column.name(),
                    new ColumnVersion(column.declared(), column.nullable(), words.column(column.name())));
        }
        boolean copiesNew = table.columns().copyOthers() && table.mapper().isEmpty();
        Map<String, List<String>> known = new TreeMap<>();
        for (SourceTable source : sources) {
            String name = source.id().toString();
            Optional<List<String>> kept = before.filter(old -> goesOn(old, table, copiesNew))
                    .map(old -> old.known().get(name));
            known.put(name, kept.orElseGet(() -> source.row().columns().stream()
                    .map(Column::name)
                    .sorted()
                    .toList()));
        }
        boolean leavesOut = table.onDrift() == DriftPolicy.IGNORE || (table.onDrift() == DriftPolicy.ADD && !copiesNew);
        boolean leftOut = leavesOut
                || before.filter(old -> goesOn(old, table, copiesNew) && old.leftOut)
                        .isPresent();
        return new TableVersion(
                columns, rows.keyColumns(), words.settings(), copiesNew, table.onDrift(), known, leftOut);
    }

    /** What flowed on is known from then on; what was left out stays unknown until the file lists it. */
    private static boolean goesOn(TableVersion old, TableSpec table, boolean copiesNew) {
        boolean flowed = old.copiesNew && old.onDrift == DriftPolicy.ADD;
        boolean flows = copiesNew && table.onDrift() == DriftPolicy.ADD;
        return !flowed && !flows;
    }

    boolean knew(String sourceColumn) {
        return known.values().stream().anyMatch(columns -> columns.contains(sourceColumn));
    }

    /** The same for the same mapping, and only for it; what is known of the source is no part of it. */
    public String fingerprint() {
        String text =
                new TreeMap<>(columns).entrySet().stream().map(Object::toString).collect(Collectors.joining("\n"))
                        + "\nkey " + key
                        + "\n"
                        + new TreeMap<>(settings) + "\n" + copiesNew + " " + onDrift;
        return Fingerprint.of(text);
    }

    /** The names of the source tables. */
    public List<String> sources() {
        return List.copyOf(new TreeSet<>(known.keySet()));
    }
}

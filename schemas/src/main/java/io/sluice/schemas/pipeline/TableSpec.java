package io.sluice.schemas.pipeline;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A target table and how its rows come about.
 *
 * @param from the source tables, mapped alike; never empty
 * @param key the target's key columns; empty: the source's own key
 * @param where only source rows for which this holds
 * @param disjointKeys the user's word that no two source tables ever give the same key
 */
public record TableSpec(
        TargetTable target,
        List<TableId> from,
        List<String> key,
        Optional<Expression> where,
        ColumnsSpec columns,
        Optional<SplitSpec> split,
        List<RuleSpec> rules,
        WriteSpec write,
        ConflictSpec conflict,
        DeletePolicy deletes,
        TruncatePolicy onTruncate,
        DriftPolicy onDrift,
        OptionalInt partitions,
        boolean disjointKeys,
        Optional<ReconcileSpec> reconcile,
        Optional<HypertableSpec> hypertable,
        Optional<MapperSpec> mapper,
        Place place) {

    public TableSpec {
        Objects.requireNonNull(target, "target");
        from = List.copyOf(from);
        if (from.isEmpty()) {
            throw new IllegalArgumentException("a table comes from somewhere");
        }
        key = List.copyOf(key);
        Objects.requireNonNull(where, "where");
        Objects.requireNonNull(columns, "columns");
        Objects.requireNonNull(split, "split");
        rules = List.copyOf(rules);
        Objects.requireNonNull(write, "write");
        Objects.requireNonNull(conflict, "conflict");
        Objects.requireNonNull(deletes, "deletes");
        Objects.requireNonNull(onTruncate, "onTruncate");
        Objects.requireNonNull(onDrift, "onDrift");
        Objects.requireNonNull(partitions, "partitions");
        Objects.requireNonNull(reconcile, "reconcile");
        Objects.requireNonNull(hypertable, "hypertable");
        Objects.requireNonNull(mapper, "mapper");
        Objects.requireNonNull(place, "place");
    }

    /** The source table as it is, every default in force. */
    public static TableSpec copy(TargetTable target, TableId from) {
        return builder(target, from).build();
    }

    public static TableSpecBuilder builder(TargetTable target, TableId from) {
        return new TableSpecBuilder(target, List.of(from));
    }

    public static TableSpecBuilder builder(TargetTable target, List<TableId> from) {
        return new TableSpecBuilder(target, from);
    }

    /** Whether its rows come from more than one source table. */
    public boolean hasSeveralSources() {
        return from.size() > 1;
    }

    /** The column of the key that holds the name of a row's source, if that tells its source tables apart. */
    public Optional<String> sourceInKey() {
        return eachHasItsSource()
                ? key.stream()
                        .filter(column -> columns.column(column)
                                .filter(spec -> isSource(spec.value()))
                                .isPresent())
                        .findFirst()
                : Optional.empty();
    }

    /**
     * Whether no two source tables can give the same key: the name of the source is in it, or a column that is generated, which
     * differs from table to table.
     */
    public boolean hasKeysApart() {
        List<ColumnValue> generated = columns.listed().stream()
                .map(ColumnSpec::value)
                .filter(value -> value instanceof ColumnValue.Generated)
                .toList();
        boolean isGenerated = key.isEmpty()
                ? generated.size() == 1
                : key.stream()
                        .flatMap(column -> columns.column(column).stream())
                        .anyMatch(column -> generated.contains(column.value()));
        return isGenerated || sourceInKey().isPresent();
    }

    private boolean eachHasItsSource() {
        return from.stream().map(TableId::source).distinct().count() == from.size();
    }

    private static boolean isSource(ColumnValue value) {
        return value instanceof ColumnValue.Variable variable && variable.name() == ColumnValue.VariableName.SOURCE;
    }

    /** Whether rows pass as they are, apart from a filter: no column, split, rule or mapper of its own. */
    public boolean isPlainCopy() {
        return columns.equals(ColumnsSpec.everything()) && split.isEmpty() && rules.isEmpty() && mapper.isEmpty();
    }
}

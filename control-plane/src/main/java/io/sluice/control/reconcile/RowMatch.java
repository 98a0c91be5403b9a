package io.sluice.control.reconcile;

import io.sluice.platform.error.BadInputException;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.ReconcileSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What "equal" means for the rows of one table, as the file has them written. Pure. */
final class RowMatch {

    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private final TableSpec table;
    private final RowSchema expected;
    private final List<@Nullable ColumnMatch> columns = new ArrayList<>();
    private final int[] actualIndexes;
    private final int[] keys;
    private final boolean[] compared;
    private final List<String> notes = new ArrayList<>();
    private final int mark;
    private final int latest;

    /**
     * @param expected what the mapping gives
     * @param actual what is read of the target: its columns without those that it computes itself
     * @throws BadInputException if the target has no such key
     */
    RowMatch(TableSpec table, RowSchema expected, RowSchema actual) {
        this.table = table;
        this.expected = expected;
        this.actualIndexes = new int[expected.size()];
        this.compared = new boolean[expected.size()];
        Map<String, BigDecimal> tolerance =
                table.reconcile().map(ReconcileSpec::tolerance).orElse(Map.of());
        for (int i = 0; i < expected.size(); i++) {
            Column column = expected.column(i);
            actualIndexes[i] = actual.indexOf(column.name());
            columns.add(
                    actualIndexes[i] < 0
                            ? null
                            : new ColumnMatch(column, actual.column(actualIndexes[i]), tolerance.get(column.name())));
        }
        this.keys = expected.keyColumns().stream().mapToInt(expected::indexOf).toArray();
        for (int key : keys) {
            if (columns.get(key) == null || !columnOf(key).isPossible()) {
                throw new BadInputException(
                        "RECONCILE_UNFIT",
                        "its rows can't be told apart by column "
                                + expected.column(key).name() + " as the source's can",
                        "table " + table.target(),
                        "Give the target a column of that name and of the type that the mapping gives.");
            }
        }
        this.mark = mark(table).map(actual::indexOf).orElse(-1);
        this.latest = table.conflict().resolve() != ConflictSpec.Resolution.SOURCE_WINS
                ? table.conflict().by().map(expected::indexOf).orElse(-1)
                : -1;
        chooseColumns();
    }

    /** The column that marks deleted rows; empty where they go, or stay unmarked. */
    static Optional<String> mark(TableSpec table) {
        return table.deletes() instanceof DeletePolicy.Soft soft ? Optional.of(soft.column()) : Optional.empty();
    }

    private ColumnMatch columnOf(int index) {
        return Objects.requireNonNull(columns.get(index), "a column that is compared is there");
    }

    private void chooseColumns() {
        Set<String> wanted =
                new TreeSet<>(table.reconcile().map(ReconcileSpec::columns).orElse(List.of()));
        Set<String> updated = new TreeSet<>(table.write().update());
        boolean firstStays = table.write().mode() != WriteSpec.Mode.UPSERT;
        List<String> impossible = new ArrayList<>();
        List<String> unwanted = new ArrayList<>();
        List<String> written = new ArrayList<>();
        List<String> computed = new ArrayList<>();
        for (int i = 0; i < compared.length; i++) {
            String name = expected.column(i).name();
            if (expected.isKey(i)) {
                continue;
            }
            ColumnMatch column = columns.get(i);
            if (column == null) {
                computed.add(name);
            } else if (!column.isPossible()) {
                impossible.add(name);
            } else if (!wanted.isEmpty() && !wanted.contains(name)) {
                unwanted.add(name);
            } else if (firstStays || (!updated.isEmpty() && !updated.contains(name))) {
                written.add(name);
            } else {
                compared[i] = true;
            }
        }
        note(unwanted, "reconcile.columns leaves them out");
        note(written, "a row that is there keeps them as they were first written");
        note(computed, "the target computes them itself, or lacks them");
        note(impossible, "the target holds them in a type that they can't be compared with");
    }

    private void note(List<String> names, String why) {
        if (!names.isEmpty()) {
            notes.add("not compared: " + String.join(", ", names) + " (" + why + ")");
        }
    }

    /** What is left out of the comparison and why, for a person. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    /** Whether target rows stay although their source row is gone. */
    boolean keepsExtras() {
        return table.deletes() instanceof DeletePolicy.Ignore || table.write().mode() == WriteSpec.Mode.APPEND_ONLY;
    }

    /** Whether that is a key of rows of this table, as they are made now. */
    boolean isKeyedLike(Key key) {
        return key.schema().keyColumns().equals(expected.keyColumns())
                && key.schema().columns().stream().allMatch(column -> column.type()
                        .equals(expected.column(expected.indexOf(column.name())).type()));
    }

    RowKey key(Key key) {
        List<@Nullable Object> parts = new ArrayList<>(keys.length);
        for (int i = 0; i < keys.length; i++) {
            parts.add(columnOf(keys[i]).expected(key.part(i)));
        }
        return new RowKey(parts);
    }

    @Nullable
    Object keyPartOfActual(String column, @Nullable Object value) {
        return columnOf(expected.indexOf(column)).actual(value);
    }

    RowKey keyOfActual(Row row) {
        List<@Nullable Object> parts = new ArrayList<>(keys.length);
        for (int key : keys) {
            parts.add(columnOf(key).actual(row.value(actualIndexes[key])));
        }
        return new RowKey(parts);
    }

    /** Whether the row is there only to say that its source row is gone. */
    boolean isMarked(Row actual) {
        return mark >= 0 && actual.value(mark) != null && !Boolean.FALSE.equals(actual.value(mark));
    }

    /** The columns that differ; empty where the rows are equal as far as they are compared. */
    List<String> differing(Row row, Row actual) {
        List<String> differing = new ArrayList<>();
        for (int i = 0; i < compared.length; i++) {
            if (compared[i] && !columnOf(i).isEqual(row.value(i), actual.value(actualIndexes[i]))) {
                differing.add(expected.column(i).name());
            }
        }
        if (isMarked(actual)) {
            mark(table).ifPresent(differing::add);
        }
        return differing;
    }

    /** Whether the last write wins and the target has it: a change of this row would not be applied there. */
    boolean isNewerAtTarget(Row row, Row actual) {
        if (latest < 0 || isMarked(actual)) {
            return false;
        }
        Object there = actual.value(actualIndexes[latest]);
        Object here = row.value(latest);
        return there != null
                && (here == null || Long.compare(((Number) there).longValue(), ((Number) here).longValue()) > 0);
    }

    /** Whether the target drops rows because they are old. */
    boolean mayExpire() {
        return table.hypertable().flatMap(HypertableSpec::retain).isPresent();
    }

    /** Whether the target may have dropped this row for that. */
    boolean isExpired(Row row, long nowMicros) {
        if (!mayExpire()) {
            return false;
        }
        HypertableSpec hypertable = table.hypertable().orElseThrow();
        int time = expected.indexOf(hypertable.time());
        Object value = row.value(time);
        long age = hypertable.retain().orElseThrow().toMillis() * 1000;
        if (expected.column(time).type() == Simple.TIMESTAMPTZ && value instanceof Long micros) {
            return micros < nowMicros - age;
        }
        // What has no time zone is dropped by a clock whose zone is not known here: it may be most of a day ahead.
        long horizon = nowMicros - age + MICROS_PER_DAY;
        if (value instanceof Integer day && expected.column(time).type() == Simple.DATE) {
            return day * (double) MICROS_PER_DAY < horizon;
        }
        return value instanceof Long micros && expected.column(time).type() == Simple.TIMESTAMP && micros < horizon;
    }
}

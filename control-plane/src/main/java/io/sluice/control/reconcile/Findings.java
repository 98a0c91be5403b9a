package io.sluice.control.reconcile;

import io.sluice.platform.postgres.PostgresText;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what is found, and keeps the first differences. */
final class Findings implements Settling.Outcomes {

    private final int mostKept;
    private final boolean showsValues;
    private final List<String> keyColumns;
    private final List<Difference> kept = new ArrayList<>();
    long source;
    long expected;
    long target;
    private long missing;
    private long extra;
    private long mismatched;
    private long allowed;
    long rejected;
    private long held;
    private long moving;
    private long unsettled;

    Findings(int mostKept, boolean showsValues, List<String> keyColumns) {
        this.mostKept = mostKept;
        this.showsValues = showsValues;
        this.keyColumns = keyColumns;
    }

    @Override
    public void settled(Suspect suspect, Judgement judgement) {
        switch (judgement.kind()) {
            case EQUAL, REJECTED -> {
                // Rejected rows are counted where they are read.
            }
            case ALLOWED -> allowed++;
            case MISSING -> {
                missing++;
                keep(Difference.Kind.MISSING, suspect, judgement.columns());
            }
            case EXTRA -> {
                extra++;
                keep(Difference.Kind.EXTRA, suspect, judgement.columns());
            }
            case MISMATCH -> {
                mismatched++;
                keep(Difference.Kind.MISMATCH, suspect, judgement.columns());
            }
        }
    }

    @Override
    public void held(Suspect suspect) {
        held++;
    }

    @Override
    public void moving(Suspect suspect) {
        moving++;
    }

    @Override
    public void unsettled(Suspect suspect) {
        unsettled++;
        keep(Difference.Kind.UNSETTLED, suspect, suspect.suspicion().columns());
    }

    void allowed() {
        allowed++;
    }

    private void keep(Difference.Kind kind, Suspect suspect, List<String> columns) {
        if (kept.size() < mostKept) {
            kept.add(new Difference(kind, suspect.row().id(), columns, showsValues ? values(suspect, columns) : null));
        }
    }

    private Difference.Values values(Suspect suspect, List<String> differing) {
        List<Difference.Value> key = new ArrayList<>();
        for (int i = 0; i < keyColumns.size(); i++) {
            key.add(new Difference.Value(
                    keyColumns.get(i),
                    text(suspect.types().get(i).type(), suspect.key().get(i))));
        }
        List<Difference.Pair> columns = new ArrayList<>();
        Look.Source asked = suspect.suspicion().source();
        Look.Target found = suspect.suspicion().target();
        for (String column : differing) {
            columns.add(new Difference.Pair(
                    column,
                    asked == null || asked.rows().isEmpty()
                            ? null
                            : text(asked.rows().get(0), column),
                    found == null || found.row() == null ? null : text(found.row(), column)));
        }
        return new Difference.Values(key, columns);
    }

    private static @Nullable String text(Row row, String column) {
        int index = row.schema().indexOf(column);
        if (index < 0) {
            return null;
        }
        Column of = row.schema().column(index);
        return text(of.type(), row.value(index));
    }

    private static @Nullable String text(LogicalType type, @Nullable Object value) {
        return value == null ? null : PostgresText.of(type, value);
    }

    List<Difference> differences() {
        return kept;
    }

    TableReport.Counts counts() {
        return new TableReport.Counts(
                source, expected, target, missing, extra, mismatched, allowed, rejected, held, moving, unsettled);
    }
}

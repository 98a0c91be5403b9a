package io.sluice.control.reconcile;

import io.sluice.schemas.model.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How one target row stands to what the source asks for. */
record Judgement(Kind kind, List<String> columns) {

    /** What was found. */
    enum Kind {
        EQUAL,
        /** They differ, and the file's own rules have it so. */
        ALLOWED,
        /** Its source row can't be mapped. */
        REJECTED,
        MISSING,
        EXTRA,
        MISMATCH;

        boolean isDifference() {
            return this == MISSING || this == EXTRA || this == MISMATCH;
        }
    }

    private static final Judgement EQUAL = of(Kind.EQUAL);

    private static Judgement of(Kind kind) {
        return new Judgement(kind, List.of());
    }

    static Judgement of(RowMatch match, Look.Source source, Look.Target target, long nowMicros) {
        if (source.rejected()) {
            return of(Kind.REJECTED);
        }
        Row actual = target.row();
        if (source.rows().isEmpty()) {
            if (actual == null || match.isMarked(actual)) {
                return EQUAL;
            }
            return of(match.keepsExtras() ? Kind.ALLOWED : Kind.EXTRA);
        }
        if (actual == null) {
            boolean expired = source.rows().stream().allMatch(row -> match.isExpired(row, nowMicros));
            return of(expired ? Kind.ALLOWED : Kind.MISSING);
        }
        return nearest(match, source.rows(), actual);
    }

    private static Judgement nearest(RowMatch match, List<Row> rows, Row actual) {
        @Nullable List<String> fewest = null;
        boolean newer = true;
        for (Row row : rows) {
            List<String> differing = match.differing(row, actual);
            if (differing.isEmpty()) {
                return EQUAL;
            }
            newer &= match.isNewerAtTarget(row, actual);
            if (fewest == null || differing.size() < fewest.size()) {
                fewest = differing;
            }
        }
        return newer || fewest == null ? of(Kind.ALLOWED) : new Judgement(Kind.MISMATCH, fewest);
    }
}

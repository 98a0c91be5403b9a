package io.sluice.control.reconcile;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A target row that may differ, until it is known whether it does.
 *
 * <p>Both sides are looked at in turns: the source, then, once everything that the source had committed by then is applied, the
 * target. If the target's row is of the same version as before the source was looked at, nothing later than that has come to it:
 * so it must be what the source asked for then. Where the target does not tell versions, or has no row, a row may have come and
 * gone in between; then the source must be of the same version still.
 */
final class Suspicion {

    private final RowMatch match;
    private final RowKey key;
    private Look.@Nullable Source source;
    private Look.@Nullable Target target;
    private List<String> columns = List.of();
    private @Nullable Judgement last;
    private boolean steady;
    private boolean moving;

    Suspicion(RowMatch match, RowKey key) {
        this.match = match;
        this.key = key;
    }

    RowKey key() {
        return key;
    }

    /** The columns that differed when both sides were last looked at. */
    List<String> columns() {
        return columns;
    }

    Look.@Nullable Source source() {
        return source;
    }

    Look.@Nullable Target target() {
        return target;
    }

    /** Whether the target's row was written to between the last two looks at it. */
    boolean isMoving() {
        return moving;
    }

    /** What the source holds now; tells whether that settles it. */
    Optional<Judgement> source(Look.Source now) {
        Look.Source before = source;
        if (before != null && last != null && steady && before.version().equals(now.version())) {
            return Optional.of(last);
        }
        source = now;
        return Optional.empty();
    }

    /**
     * What the target holds now; tells whether that settles it.
     *
     * @param applied whether all is applied that the source had committed when it was last looked at
     */
    Optional<Judgement> target(Look.Target now, boolean applied, long nowMicros) {
        Look.Source wanted = source;
        if (wanted == null) {
            throw new IllegalStateException("the source is looked at first");
        }
        Look.Target before = target;
        target = now;
        Judgement judgement = Judgement.of(match, wanted, now, nowMicros);
        last = applied ? judgement : null;
        columns = judgement.columns();
        boolean same = before != null && before.version().equals(now.version());
        moving = !same;
        steady = applied && same;
        boolean known = !judgement.kind().isDifference() || (steady && now.exact());
        return known ? Optional.of(judgement) : Optional.empty();
    }
}

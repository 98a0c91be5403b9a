package io.sluice.sink.parking;

import io.sluice.sink.ledger.StaleClaimException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Knows since when rows wait in vain. What a row needs was published before it, or with it, or is being loaded; so it goes on
 * waiting until
 *
 * <ol>
 *   <li>the transform has passed what was in its topics when the round began,
 *   <li>every sink of the service has passed what was in theirs then,
 *   <li>no load is under way: whatever load had begun is known by now,
 *   <li>and, for what nothing tells of, such as another source, that was so for some time on end.
 * </ol>
 *
 * A round looks at all that waits when it begins; what comes later is the next one's. Belongs to one thread.
 */
public final class Patience {

    private final long graceNanos;
    private boolean begun;
    private long begunNanos;
    private @Nullable Map<TopicPartition, Long> changes;
    private @Nullable Map<TopicPartition, Long> rows;
    private boolean quiet;
    private long quietNanos;
    private boolean ended;
    private long endedNanos;

    /** How far the service has come. */
    public interface Reach {

        Map<TopicPartition, Long> changeEnds();

        /** Whether the transform has passed these. */
        boolean isMapped(Map<TopicPartition, Long> ends);

        Map<TopicPartition, Long> rowEnds();

        /** Whether the service's sinks have passed these. */
        boolean isApplied(Map<TopicPartition, Long> ends) throws SQLException, StaleClaimException;

        /** Whether a load is under way in what was applied. */
        boolean isLoading() throws SQLException, StaleClaimException;
    }

    public Patience(Duration grace) {
        this.graceNanos = grace.toNanos();
    }

    /** Looks how far the service has come. */
    public void look(Reach reach, long nowNanos) throws SQLException, StaleClaimException {
        if (!begun) {
            begun = true;
            begunNanos = nowNanos;
            quiet = false;
            changes = reach.changeEnds();
        }
        Map<TopicPartition, Long> published = changes;
        if (published != null && reach.isMapped(published)) {
            rows = reach.rowEnds();
            changes = null;
        }
        Map<TopicPartition, Long> mapped = rows;
        if (mapped != null && reach.isApplied(mapped)) {
            rows = null;
        }
        if (changes != null || rows != null) {
            return;
        }
        if (reach.isLoading()) {
            quiet = false;
            ended = false;
        } else if (!quiet) {
            quiet = true;
            quietNanos = nowNanos;
        } else if (nowNanos - quietNanos >= graceNanos) {
            ended = true;
            endedNanos = begunNanos;
            begun = false;
        }
    }

    /** Nothing waits any more. */
    public void rest() {
        begun = false;
        ended = false;
        changes = null;
        rows = null;
    }

    /** Whether there is nothing left that a row could wait for which has waited since then. */
    public boolean isOver(long sinceNanos) {
        return ended && sinceNanos - endedNanos <= 0;
    }
}

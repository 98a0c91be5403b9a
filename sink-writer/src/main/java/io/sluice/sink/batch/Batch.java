package io.sluice.sink.batch;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TargetTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A run of row records as writes: what was applied before is dropped, the last change of each key wins, and what is left
 * becomes a few set-based writes a table.
 *
 * <p>Filled and then read by one thread.
 */
public final class Batch {

    private final Map<RowPartition, Origins.Progress> origins = new HashMap<>();
    private final List<Segment> segments = new ArrayList<>();
    private final Loads loads;
    private final Map<TargetTable, WriteRules> rules;
    private final @Nullable TransactionTally tally;
    private final boolean inOrder;
    private int records;
    private int repeats;
    private long lastCommitMicros = Long.MIN_VALUE;

    private @Nullable RowPartition partition;
    private Origins.@Nullable Progress progress;

    /** @param applied for each partition that records will come from, what was applied to it before */
    public Batch(Map<RowPartition, Origins> applied) {
        this(applied, Map.of(), Set.of(), Map.of());
    }

    /**
     * @param applied for each partition that records will come from, what was applied to it before
     * @param begun the loads that have begun in these partitions
     * @param swept the tables that are swept after a load
     * @param rules of each table; plain ones for those that are not among them
     */
    public Batch(
            Map<RowPartition, Origins> applied,
            Map<RowPartition, Begun> begun,
            Set<TargetTable> swept,
            Map<TargetTable, WriteRules> rules) {
        this(applied, begun, swept, rules, null, false);
    }

    /**
     * A batch of records among which transactions have bounds.
     *
     * @param tally counts them; null where there are none, or nobody minds
     * @param inOrder whether the changes are to be done in the order in which they come
     */
    public Batch(
            Map<RowPartition, Origins> applied,
            Map<RowPartition, Begun> begun,
            Set<TargetTable> swept,
            Map<TargetTable, WriteRules> rules,
            @Nullable TransactionTally tally,
            boolean inOrder) {
        this.rules = rules;
        this.tally = tally;
        this.inOrder = inOrder;
        applied.forEach((of, marks) -> origins.put(of, marks.progress()));
        loads = new Loads(begun, swept);
    }

    /**
     * Records of one partition come in the order of their offsets.
     *
     * @return false if it was applied before
     */
    public boolean add(Incoming incoming) {
        lastCommitMicros =
                Math.max(lastCommitMicros, incoming.change().provenance().commitTimeMicros());
        if (isRepeat(incoming.partition(), incoming.origin())) {
            return false;
        }
        if (tally != null) {
            tally.row(incoming.change().provenance().kind(), incoming.place());
        }
        loads.see(incoming);
        segment(incoming).add(incoming, inOrder);
        return true;
    }

    /** Adds where a transaction begins or ends. */
    public void add(RowPartition of, long offset, TransactionMarker bound, @Nullable Origin origin) {
        if (isRepeat(of, origin) || tally == null) {
            return;
        }
        if (bound.kind() == TransactionMarker.Kind.BEGIN) {
            tally.begin(bound, place(of, offset));
        } else {
            tally.end(bound, place(of, offset));
        }
    }

    /**
     * Adds that all rows of a table go, before what comes behind it.
     *
     * @param source the source table that was truncated, where the target has several
     */
    public void addEmptying(
            RowPartition of,
            long offset,
            TargetTable table,
            @Nullable String source,
            Provenance provenance,
            @Nullable Origin origin) {
        if (isRepeat(of, origin)) {
            return;
        }
        lastCommitMicros = Math.max(lastCommitMicros, provenance.commitTimeMicros());
        if (tally != null) {
            tally.row(provenance.kind(), place(of, offset));
        }
        Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        if (last == null || !last.isTruncation()) {
            last = newSegment();
        }
        last.empty(table, source);
    }

    private boolean isRepeat(RowPartition of, @Nullable Origin origin) {
        records++;
        if (origin == null || progressOf(of).advance(origin)) {
            return false;
        }
        repeats++;
        return true;
    }

    private static String place(RowPartition of, long offset) {
        return of + " offset " + offset;
    }

    /** Adds a marker that came into a partition of this table's topic, in the order of offsets too. */
    public void add(RowPartition of, TargetTable table, LoadMarker marker) {
        LoadMarker.Passed passed = marker.passed();
        if (isRepeat(of, passed == null ? null : passed.origin())) {
            return;
        }
        if (tally != null) {
            tally.marker(of + ", load " + marker.load());
        }
        loads.mark(of, table, marker);
    }

    private Origins.Progress progressOf(RowPartition of) {
        if (progress == null || !of.equals(partition)) {
            progress = origins.get(of);
            partition = of;
        }
        if (progress == null) {
            throw new IllegalArgumentException("nothing is known of " + of);
        }
        return progress;
    }

    private Segment segment(Incoming incoming) {
        Segment last = segments.isEmpty() ? newSegment() : segments.get(segments.size() - 1);
        boolean fits = inOrder ? last.isEmpty() || last.continues(incoming) : !last.isTruncation();
        return fits ? last : newSegment();
    }

    private Segment newSegment() {
        Segment segment = new Segment(rules);
        segments.add(segment);
        return segment;
    }

    /**
     * What to do, in order.
     *
     * @param parentsFirst the service's tables; one that is not among them goes last
     * @throws io.sluice.platform.error.HaltException if a partial row has no row to change
     */
    public List<Write> writes(Collection<TargetTable> parentsFirst, WriteOrder order) {
        List<Write> writes = new ArrayList<>();
        segments.forEach(segment -> writes.addAll(segment.writes(parentsFirst, order)));
        return writes;
    }

    /** What has been applied to this partition once the batch is. */
    public Origins origins(RowPartition of) {
        Origins.Progress known = origins.get(of);
        if (known == null) {
            throw new IllegalArgumentException("nothing is known of " + of);
        }
        return known.done();
    }

    /** What the records tell of loads. */
    public Loads loads() {
        return loads;
    }

    public int records() {
        return records;
    }

    /** How many records were dropped because they had been applied before. */
    public int repeats() {
        return repeats;
    }

    /** When the latest of these changes was committed at its source, by the source's clock; the least number if there is none. */
    public long lastCommitMicros() {
        return lastCommitMicros;
    }
}

package io.sluice.sink.batch;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TargetTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
    private final Map<TargetTable, List<Round>> tables = new LinkedHashMap<>();
    private final Loads loads;
    private final Map<TargetTable, WriteRules> rules;
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
        this.rules = rules;
        applied.forEach((of, marks) -> origins.put(of, marks.progress()));
        loads = new Loads(begun, swept);
    }

    /** Records of one partition come in the order of their offsets. */
    public void add(Incoming incoming) {
        records++;
        lastCommitMicros =
                Math.max(lastCommitMicros, incoming.change().provenance().commitTimeMicros());
        if (incoming.origin() != null && !progressOf(incoming.partition()).advance(incoming.origin())) {
            repeats++;
            return;
        }
        loads.see(incoming);
        round(incoming.change()).add(incoming);
    }

    /** Adds a marker that came into a partition of this table's topic, in the order of offsets too. */
    public void add(RowPartition of, TargetTable table, LoadMarker marker) {
        records++;
        LoadMarker.Passed passed = marker.passed();
        if (passed == null || progressOf(of).advance(passed.origin())) {
            loads.mark(of, table, marker);
        } else {
            repeats++;
        }
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

    /**
     * The table's latest round, or a new one where its columns changed: a key's values under two schemas must not be merged,
     * for a column that only the older one has would be lost.
     */
    private Round round(RowChange change) {
        List<Round> rounds = tables.computeIfAbsent(change.table(), table -> {
            List<Round> first = new ArrayList<>(1);
            first.add(newRound(table));
            return first;
        });
        Round latest = rounds.get(rounds.size() - 1);
        if (!latest.takes(change)) {
            latest = newRound(change.table());
            rounds.add(latest);
        }
        return latest;
    }

    private Round newRound(TargetTable table) {
        return new Round(table, rules.getOrDefault(table, WriteRules.PLAIN));
    }

    /**
     * What to do, in order.
     *
     * @param parentsFirst the service's tables; one that is not among them goes last
     * @throws io.sluice.platform.error.HaltException if a partial row has no row to change
     */
    public List<Write> writes(Collection<TargetTable> parentsFirst, WriteOrder order) {
        List<TargetTable> ordered = new ArrayList<>(tables.size());
        parentsFirst.stream().filter(tables::containsKey).forEach(ordered::add);
        tables.keySet().stream().filter(table -> !ordered.contains(table)).forEach(ordered::add);

        int most = tables.values().stream().mapToInt(List::size).max().orElse(0);
        List<Write> writes = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            List<Write> comings = new ArrayList<>();
            List<Write> goings = new ArrayList<>();
            for (TargetTable table : ordered) {
                List<Round> rounds = tables.getOrDefault(table, List.of());
                if (i < rounds.size()) {
                    comings.addAll(rounds.get(i).comings());
                    goings.addAll(0, rounds.get(i).goings());
                }
            }
            writes.addAll(order == WriteOrder.UPSERTS_FIRST ? comings : goings);
            writes.addAll(order == WriteOrder.UPSERTS_FIRST ? goings : comings);
        }
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

package io.sluice.sink.batch;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.TargetTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a batch tells of loads: their markers, and the keys that they saw. Which of the loads are still open only the ledger
 * knows; what is told of the others is of no use and does no harm.
 *
 * <p>Invariant: each key that a load brings is among those that it saw. In every partition of the change topic all of its rows
 * stand behind its begin; what comes of one change partition keeps its order in a row partition; so whoever has read a row of
 * the load has read its begin from the same change partition, in this batch or, with {@link Begun} in the ledger, in an earlier
 * one. A repeat is left out: what it repeats was recorded, or stood before the begin.
 */
public final class Loads {

    private final Map<RowPartition, Begun> begun;
    private final Set<TargetTable> swept;
    private final List<Marked> markers = new ArrayList<>();
    private final List<Marked> bounds = new ArrayList<>();
    private final Map<TargetTable, Map<Begun.Load, Set<Key>>> seen = new HashMap<>();

    /** A marker and the row partition that it came to. */
    public record Marked(RowPartition partition, TargetTable table, LoadMarker marker) {

        /** The load that it is of. */
        public Begun.Load load() {
            return Loads.load(table, marker);
        }
    }

    /** @param swept the tables whose unseen rows are to go; of others no key is noted */
    Loads(Map<RowPartition, Begun> begun, Set<TargetTable> swept) {
        this.begun = new HashMap<>(begun);
        this.swept = Set.copyOf(swept);
    }

    void mark(RowPartition partition, TargetTable table, LoadMarker marker) {
        LoadMarker.Passed passed = marker.passed();
        if (passed == null) {
            return;
        }
        Marked marked = new Marked(partition, table, marker);
        bounds.add(marked);
        if (!(marker.sweep() || givesUp(partition, table, marker))) {
            return;
        }
        markers.add(marked);
        if (marker.kind() == LoadMarker.Kind.BEGIN && swept.contains(table)) {
            begun.put(
                    partition,
                    begun(partition).with(marked.load(), passed.origin().partition()));
        }
    }

    /** An end that asks for no sweep, of a load that was begun to sweep: it was given up. */
    private boolean givesUp(RowPartition partition, TargetTable table, LoadMarker marker) {
        return marker.kind() == LoadMarker.Kind.END && begun(partition).loads().containsKey(load(table, marker));
    }

    private static Begun.Load load(TargetTable table, LoadMarker marker) {
        return new Begun.Load(table, marker.table().toString(), marker.load());
    }

    void see(Incoming incoming) {
        Begun of = begun(incoming.partition());
        if (of.loads().isEmpty()) {
            return;
        }
        for (Begun.Load load : of.loads().keySet()) {
            if (load.table().equals(incoming.change().table())
                    && of.holds(load, incoming.origin(), incoming.source())) {
                seen.computeIfAbsent(load.table(), table -> new LinkedHashMap<>())
                        .computeIfAbsent(load, first -> new LinkedHashSet<>())
                        .add(incoming.change().key());
            }
        }
    }

    /** What has begun in this partition once the batch is applied, if every load is still open. */
    public Begun begun(RowPartition partition) {
        return begun.getOrDefault(partition, Begun.NONE);
    }

    /** Those of loads that are to sweep, or were; those of one partition in the order of their offsets. */
    public List<Marked> markers() {
        return List.copyOf(markers);
    }

    /** All markers, of loads that sweep nothing, too. */
    public List<Marked> bounds() {
        return List.copyOf(bounds);
    }

    /** The tables that some load saw keys of. */
    public Set<TargetTable> seenTables() {
        return Set.copyOf(seen.keySet());
    }

    /** Each key of the load's table once that came while this load was open, whatever became of its row. */
    public Collection<Key> seen(Begun.Load load) {
        return seen.getOrDefault(load.table(), Map.of()).getOrDefault(load, Set.of());
    }
}

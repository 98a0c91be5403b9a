package io.sluice.sink.batch;

import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.TargetTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which loads have begun in one row partition: for each, the partitions of the change topic whose begin has arrived. Immutable.
 *
 * <p>Only rows that come from a partition behind its begin belong to a load. A row from another one may have been written before
 * the load, and be of a key that the load will not see: counting it as seen would keep it for ever.
 */
public record Begun(Map<Load, Set<Integer>> loads) {

    public static final Begun NONE = new Begun(Map.of());

    /**
     * A load of the rows of one target table. Names of loads are those of one source table: two of these may have the same.
     *
     * @param source the source table, as {@link io.sluice.schemas.model.TableId} writes it
     */
    public record Load(TargetTable table, String source, String name) {}

    public Begun {
        Map<Load, Set<Integer>> copy = new HashMap<>();
        loads.forEach((load, partitions) -> copy.put(load, Set.copyOf(partitions)));
        loads = Map.copyOf(copy);
    }

    Begun with(Load load, int changePartition) {
        Map<Load, Set<Integer>> more = new HashMap<>(loads);
        Set<Integer> partitions = new HashSet<>(more.getOrDefault(load, Set.of()));
        partitions.add(changePartition);
        more.put(load, partitions);
        return new Begun(more);
    }

    /** Without those loads of the table that are over. */
    public Begun only(TargetTable table, Set<Load> open) {
        Map<Load, Set<Integer>> left = new HashMap<>(loads);
        left.keySet().removeIf(load -> load.table().equals(table) && !open.contains(load));
        return left.size() == loads.size() ? this : new Begun(left);
    }

    /** Whether a row belongs to this load. One that does not say where it comes from is taken to: what is seen is kept. */
    boolean holds(Load load, @Nullable Origin origin, @Nullable String source) {
        if (source != null && !source.equals(load.source())) {
            return false;
        }
        return origin == null || loads.getOrDefault(load, Set.of()).contains(origin.partition());
    }
}

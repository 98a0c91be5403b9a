package io.sluice.platform.postgres;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An index beside a table's key.
 *
 * @param unique whether it forbids equal values, alone or for a constraint
 * @param constraint whether a constraint is kept by it
 * @param method how it is searched: btree, gin …
 * @param included columns that it carries along
 * @param predicate which rows it holds; empty if all
 * @param uses every column that it, its expressions or its predicate name
 */
public record SourceIndex(
        String name,
        boolean unique,
        boolean constraint,
        String method,
        List<Part> parts,
        List<String> included,
        Optional<String> predicate,
        Set<String> uses) {

    public SourceIndex {
        parts = List.copyOf(parts);
        included = List.copyOf(included);
        uses = Set.copyOf(uses);
    }

    /**
     * One of what an index is ordered or searched by.
     *
     * @param column the column that it is; empty if it is computed
     * @param suffix what differs from the column's defaults: collation, operators, order
     */
    public record Part(String expression, Optional<String> column, String suffix) {}

    /** Whether it names columns by themselves alone, so that these may be named otherwise elsewhere. */
    public boolean isOfColumns() {
        return predicate.isEmpty()
                && parts.stream().allMatch(part -> part.column().isPresent());
    }
}

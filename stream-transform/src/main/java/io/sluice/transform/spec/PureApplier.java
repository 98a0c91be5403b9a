package io.sluice.transform.spec;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.CompiledMapping;
import io.sluice.transform.mapping.MappingResult;
import io.sluice.transform.mapping.ServiceMapping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The mapping alone. What it does not know, the rows that a source row was before, is remembered here. */
final class PureApplier implements ChangeApplier {

    private final ServiceMapping service;
    private final Map<CompiledMapping, Map<Key, Set<Key>>> families = new HashMap<>();

    PureApplier(ServiceMapping service) {
        this.service = service;
    }

    @Override
    public Map<TargetTable, MappingResult> apply(Change change) {
        Map<TargetTable, MappingResult> results = new LinkedHashMap<>();
        for (CompiledMapping mapping : service.mappings()) {
            if (mapping.source().equals(change.table())) {
                MappingResult result = mapping.apply(change);
                results.put(
                        mapping.table(),
                        result instanceof MappingResult.Children children ? rows(mapping, children) : result);
            }
        }
        return results;
    }

    /** The rows that are, then the deletions of those that are no more. */
    private MappingResult rows(CompiledMapping mapping, MappingResult.Children children) {
        Map<Key, Set<Key>> known = families.computeIfAbsent(mapping, each -> new HashMap<>());
        Set<Key> now = new LinkedHashSet<>();
        children.rows().forEach(row -> now.add(row.key()));
        Set<Key> before = known.put(children.parent(), now);
        List<RowChange> changes = new ArrayList<>(children.rows());
        if (before != null) {
            before.stream()
                    .filter(key -> !now.contains(key))
                    .forEach(key -> changes.add(new RowChange.Delete(mapping.table(), key, children.provenance())));
        }
        return new MappingResult.Mapped(changes);
    }
}

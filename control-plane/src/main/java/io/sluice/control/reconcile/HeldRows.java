package io.sluice.control.reconcile;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.TableId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The held keys in a form in which suspicious rows can be looked up among them. */
final class HeldRows {

    private final List<SourceSide> sides;
    private final Map<TableId, Set<RowKey>> sources = new HashMap<>();
    private final Set<RowKey> targets = new HashSet<>();

    HeldRows(HeldKeys.Held held, RowMatch match, List<SourceSide> sides) {
        this.sides = List.copyOf(sides);
        for (SourceSide side : sides) {
            Set<RowKey> canonical = new HashSet<>();
            for (Key key : held.sources().getOrDefault(side.id(), Set.of())) {
                canonical.add(RowKey.of(key));
                targets.addAll(side.concernedBy(key));
            }
            sources.put(side.id(), canonical);
        }
        for (Key key : held.targets()) {
            if (match.isKeyedLike(key)) {
                targets.add(match.key(key));
            }
        }
    }

    boolean contains(Suspect suspect) {
        return targets.contains(suspect.row())
                || sides.stream().anyMatch(side -> side.sourceKeyOf(suspect)
                        .filter(sources.getOrDefault(side.id(), Set.of())::contains)
                        .isPresent());
    }
}

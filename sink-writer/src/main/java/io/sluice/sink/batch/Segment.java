package io.sluice.sink.batch;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TargetTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A run of changes that may be done in another order than they came in, as long as each key's last one wins. */
final class Segment {

    /** Further back it is not looked for one. */
    private static final int ROUNDS_BACK = 8;

    private final Map<TargetTable, WriteRules> rules;
    private final Map<TargetTable, List<Round>> tables = new LinkedHashMap<>();
    private final Set<Write.Emptying> emptied = new LinkedHashSet<>();
    private final Set<Key> keys = new HashSet<>();
    private @Nullable Kind kind;

    Segment(Map<TargetTable, WriteRules> rules) {
        this.rules = rules;
    }

    /** What can stand side by side where the order of changes is kept. */
    private enum Kind {
        WHOLE,
        PARTIAL,
        DELETION;

        static Kind of(RowChange change) {
            return change instanceof RowChange.Upsert upsert ? upsert.row().isWhole() ? WHOLE : PARTIAL : DELETION;
        }
    }

    boolean isEmpty() {
        return tables.isEmpty() && emptied.isEmpty();
    }

    boolean isTruncation() {
        return !emptied.isEmpty();
    }

    /** Tables that are emptied stand alone: which of them goes first is for the foreign keys to say. */
    void empty(TargetTable table, @Nullable String source) {
        emptied.add(new Write.Emptying(table, source));
    }

    /**
     * Whether one statement may do this change together with those before it without any row getting ahead of another: whole
     * rows of one table, or deletions, each of another key. Partial ones are done by a join, which has no order.
     */
    boolean continues(Incoming incoming) {
        RowChange change = incoming.change();
        return tables.containsKey(change.table())
                && kind == Kind.of(change)
                && kind != Kind.PARTIAL
                && !keys.contains(change.key())
                && latest(change.table()).takes(incoming);
    }

    void add(Incoming incoming, boolean inOrder) {
        RowChange change = incoming.change();
        if (inOrder) {
            kind = Kind.of(change);
            keys.add(change.key());
        }
        round(incoming).add(incoming);
    }

    /**
     * The table's latest round that can take it, or a new one: a key's values under two schemas must not be merged, for a column
     * that only the older one has would be lost. Rows of other keys need not go on in a new round for that; where several source
     * tables write one, theirs may differ in the order of columns all the time.
     */
    private Round round(Incoming incoming) {
        List<Round> rounds = rounds(incoming.change().table());
        for (int i = rounds.size() - 1; i >= Math.max(0, rounds.size() - ROUNDS_BACK); i--) {
            if (rounds.get(i).takes(incoming)) {
                return rounds.get(i);
            }
            if (rounds.get(i).has(incoming.change().key())) {
                break;
            }
        }
        Round next = newRound(incoming.change().table());
        rounds.add(next);
        return next;
    }

    private Round latest(TargetTable table) {
        List<Round> rounds = rounds(table);
        return rounds.get(rounds.size() - 1);
    }

    private List<Round> rounds(TargetTable of) {
        return tables.computeIfAbsent(of, table -> {
            List<Round> first = new ArrayList<>(1);
            first.add(newRound(table));
            return first;
        });
    }

    private Round newRound(TargetTable table) {
        return new Round(table, rules.getOrDefault(table, WriteRules.PLAIN));
    }

    List<Write> writes(Collection<TargetTable> parentsFirst, WriteOrder order) {
        List<Write> writes = new ArrayList<>();
        List<TargetTable> childrenFirst = new ArrayList<>();
        Set<TargetTable> tablesEmptied =
                emptied.stream().map(Write.Emptying::table).collect(Collectors.toCollection(LinkedHashSet::new));
        ordered(tablesEmptied, parentsFirst).forEach(table -> childrenFirst.add(0, table));
        childrenFirst.forEach(table ->
                emptied.stream().filter(each -> each.table().equals(table)).forEach(writes::add));
        List<TargetTable> ordered = ordered(tables.keySet(), parentsFirst);
        int most = tables.values().stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < most; i++) {
            List<Write> replacements = new ArrayList<>();
            List<Write> comings = new ArrayList<>();
            List<Write> goings = new ArrayList<>();
            for (TargetTable table : ordered) {
                List<Round> rounds = tables.getOrDefault(table, List.of());
                if (i < rounds.size()) {
                    comings.addAll(rounds.get(i).comings());
                    goings.addAll(0, rounds.get(i).goings());
                    if (order == WriteOrder.REPLACING) {
                        replacements.addAll(rounds.get(i).replacements());
                    }
                }
            }
            writes.addAll(order == WriteOrder.UPSERTS_FIRST ? comings : goings);
            writes.addAll(replacements);
            writes.addAll(order == WriteOrder.UPSERTS_FIRST ? goings : comings);
        }
        return writes;
    }

    private static List<TargetTable> ordered(Collection<TargetTable> these, Collection<TargetTable> parentsFirst) {
        List<TargetTable> ordered = new ArrayList<>(these.size());
        parentsFirst.stream().filter(these::contains).forEach(ordered::add);
        these.stream().filter(table -> !ordered.contains(table)).forEach(ordered::add);
        return ordered;
    }
}

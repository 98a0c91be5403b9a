package io.sluice.source.engine;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a change topic did to rows that carry a counter, raised by each update: counted, so that a control can show that it finds
 * what it should.
 */
final class Verdict {

    private long changes;
    private final List<String> lost = new ArrayList<>();
    private final List<String> doubled = new ArrayList<>();
    private final List<String> outOfOrder = new ArrayList<>();

    /** A place and a row: no two changes of the log have both in common. */
    private record Place(Position position, Key key) {}

    /**
     * Adds the changes of one table.
     *
     * @param rows the table as it is, its columns as {@link Capture#lines(Map)} writes them
     */
    void add(String table, List<Change> all, List<String> rows, boolean hasCounter) {
        add(table, all, Capture.replayed(all), rows, hasCounter);
    }

    /** @param replayed the rows that a reader of the changes ends with */
    void add(String table, List<Change> all, Map<Key, Row> replayed, List<String> rows, boolean hasCounter) {
        changes += all.size();
        places(table, all);
        if (hasCounter) {
            counters(table, all);
            transactions(table, all);
        }
        Set<String> there = new HashSet<>(rows);
        Set<String> read = new HashSet<>(Capture.lines(replayed));
        there.stream().filter(row -> !read.contains(row)).forEach(row -> lost.add(table + ": row " + row));
        read.stream().filter(row -> !there.contains(row)).forEach(row -> lost.add(table + ": end of " + row));
    }

    private void places(String table, List<Change> all) {
        Set<Place> seen = new HashSet<>();
        for (Change change : all) {
            if (change.provenance().kind() == Provenance.Kind.STREAM
                    && !seen.add(new Place(change.provenance().position(), key(change)))) {
                doubled.add(table + ": " + change.provenance());
            }
        }
    }

    private static Key key(Change change) {
        if (change instanceof Change.Upserted upserted) {
            return upserted.key();
        }
        return ((Change.Deleted) change).key();
    }

    private void counters(String table, List<Change> all) {
        Map<Object, Integer> last = new HashMap<>();
        Set<Object> awaited = new HashSet<>();
        for (Change change : all) {
            if (change instanceof Change.Deleted deleted) {
                Object id = Objects.requireNonNull(deleted.key().part(0));
                last.remove(id);
                awaited.remove(id);
            } else if (change instanceof Change.Upserted upserted) {
                Object id = Objects.requireNonNull(upserted.after().value("id"));
                int counter = (Integer) Objects.requireNonNull(upserted.after().value("counter"));
                Integer before = last.put(id, counter);
                String place =
                        table + ": row " + id + ", " + before + " then " + counter + " at " + change.provenance();
                if (change.provenance().kind() == Provenance.Kind.SNAPSHOT) {
                    awaited.remove(id);
                    if (before != null && before > counter) {
                        outOfOrder.add(place);
                    }
                } else if (before == null) {
                    // A table that is being read may change before its rows are.
                    if (counter != 1) {
                        awaited.add(id);
                    }
                } else if (counter == before) {
                    doubled.add(place);
                } else if (counter < before) {
                    outOfOrder.add(place);
                } else if (counter > before + 1) {
                    lost.add(place);
                }
            }
        }
        awaited.forEach(id -> lost.add(table + ": row " + id + " was changed and never read"));
    }

    /** Each row names its transaction and how many rows that has. Fewer may be there: a range had seen the others. */
    private void transactions(String table, List<Change> all) {
        Map<Object, Integer> seen = new HashMap<>();
        for (Change change : all) {
            if (change instanceof Change.Upserted upserted
                    && change.provenance().kind() == Provenance.Kind.STREAM) {
                Object tx = Objects.requireNonNull(upserted.after().value("tx"));
                int size = (Integer) Objects.requireNonNull(upserted.after().value("size"));
                if (seen.merge(tx, 1, Integer::sum) > size) {
                    doubled.add(table + ": transaction " + tx);
                }
            }
        }
    }

    boolean isClean() {
        return lost.isEmpty() && doubled.isEmpty() && outOfOrder.isEmpty();
    }

    long doubled() {
        return doubled.size();
    }

    String line(int kills) {
        return kills + " kills, " + changes + " changes, " + lost.size() + " lost, " + doubled.size() + " duplicated, "
                + outOfOrder.size() + " out of order";
    }

    /** The first few of each kind. */
    String details() {
        return "lost " + first(lost) + ", duplicated " + first(doubled) + ", out of order " + first(outOfOrder);
    }

    private static List<String> first(List<String> all) {
        return all.subList(0, Math.min(5, all.size()));
    }
}

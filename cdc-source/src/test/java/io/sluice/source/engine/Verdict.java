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

    /** Adds the changes of one table, one after the other. */
    Table table(String name, boolean hasCounter) {
        return new Table(name, hasCounter);
    }

    /** What is known of one table so far; of each row only what is needed to judge the next change. */
    final class Table {

        private final String name;
        private final boolean hasCounter;
        private final Map<Key, Position> places = new HashMap<>();
        private final Map<Object, Integer> counters = new HashMap<>();
        private final Set<Object> awaited = new HashSet<>();
        private final Map<Object, Integer> transactions = new HashMap<>();

        private Table(String name, boolean hasCounter) {
            this.name = name;
            this.hasCounter = hasCounter;
        }

        void add(Change change) {
            changes++;
            if (change.provenance().kind() == Provenance.Kind.STREAM) {
                place(change);
            }
            if (hasCounter) {
                if (change instanceof Change.Deleted deleted) {
                    Object id = Objects.requireNonNull(deleted.key().part(0));
                    counters.remove(id);
                    awaited.remove(id);
                } else if (change instanceof Change.Upserted upserted) {
                    count(upserted);
                    if (change.provenance().kind() == Provenance.Kind.STREAM) {
                        member(upserted);
                    }
                }
            }
        }

        /** No two changes of the log have both place and row in common, and those of a row come in the order of their places. */
        private void place(Change change) {
            Position position = change.provenance().position();
            Position before = places.get(key(change));
            int after = before == null ? 1 : position.compareTo(before);
            if (after > 0) {
                places.put(key(change), position);
            } else {
                (after == 0 ? doubled : outOfOrder).add(name + ": " + change.provenance());
            }
        }

        private void count(Change.Upserted change) {
            Object id = Objects.requireNonNull(change.after().value("id"));
            int counter = (Integer) Objects.requireNonNull(change.after().value("counter"));
            Integer before = counters.put(id, counter);
            String place = name + ": row " + id + ", " + before + " then " + counter + " at " + change.provenance();
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

        /** Each row names its transaction and how many rows that has. Fewer may be there: a range had seen the others. */
        private void member(Change.Upserted change) {
            Object tx = Objects.requireNonNull(change.after().value("tx"));
            int size = (Integer) Objects.requireNonNull(change.after().value("size"));
            if (transactions.merge(tx, 1, Integer::sum) > size) {
                doubled.add(name + ": transaction " + tx);
            }
        }

        /**
         * Compares, once all changes have been added.
         *
         * @param end the rows that a reader of the changes ends with
         * @param rows the table as it is, its columns as {@link Capture#lines(Map)} writes them
         */
        void end(Map<Key, Row> end, List<String> rows) {
            awaited.forEach(id -> lost.add(name + ": row " + id + " was changed and never read"));
            Set<String> there = new HashSet<>(rows);
            Set<String> told = new HashSet<>(Capture.lines(end));
            there.stream().filter(row -> !told.contains(row)).forEach(row -> lost.add(name + ": row " + row));
            told.stream().filter(row -> !there.contains(row)).forEach(row -> lost.add(name + ": end of " + row));
        }
    }

    private static Key key(Change change) {
        if (change instanceof Change.Upserted upserted) {
            return upserted.key();
        }
        return ((Change.Deleted) change).key();
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

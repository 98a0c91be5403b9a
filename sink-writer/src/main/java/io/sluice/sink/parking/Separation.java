package io.sluice.sink.parking;

import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Batch;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteOrder;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.sql.ConflictException;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sql.TableWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Applies what the target takes of many keys' changes, and tells of the others how far each could be applied. Halves stand in for
 * single rows: of n keys a bad one costs about 2 log n statements under savepoints, and the good ones go in large sets all the same.
 *
 * <p>A row that only comes too early fails like a bad one at first. So those are tried again, all together, as long as that gets
 * any of them in. Which of many rows lack one that they refer to, or bring what another one has, is asked of the tables: to try
 * each of them would take four statements. What is said of a row for good is never said by a guess.
 */
public final class Separation {

    private final TableWriter writer;
    private final Conflicts conflicts;
    private final Map<TargetTable, WriteRules> rules;
    private final Map<TargetTable, Integer> places = new HashMap<>();
    private final List<TargetTable> parentsFirst;

    /** What one write did. */
    public record Effect(Write write, TableWriter.Done done) {}

    /** How many of the key's changes could be applied, and why the next one could not. */
    record Failure(int from, SQLException error) {

        boolean mayPass() {
            return SqlErrors.reaction(error) == SqlErrors.Reaction.ORDER;
        }

        /** Whether it is for a person to decide. */
        boolean isConflict() {
            return error instanceof ConflictException;
        }
    }

    record Result(List<Effect> effects, Map<KeyWork, Failure> failures) {

        static final Result NOTHING = new Result(List.of(), Map.of());
    }

    public Separation(TableWriter writer, Map<TargetTable, WriteRules> rules, List<TargetTable> parentsFirst) {
        this.writer = writer;
        this.rules = Map.copyOf(rules);
        this.conflicts = new Conflicts(writer.checks(), rules);
        this.parentsFirst = List.copyOf(parentsFirst);
        for (TargetTable table : parentsFirst) {
            places.put(table, places.size());
        }
    }

    /**
     * Applies what can be applied.
     *
     * @param sifting whether rows may be guessed to wait for another one that were not tried each by itself
     * @param mostBad after so many bad keys it is of no use to look for more: whoever asks will halt
     */
    Result apply(Connection connection, List<KeyWork> works, boolean sifting, int mostBad) throws SQLException {
        Map<KeyWork, Failure> decided = conflicts.find(connection, works);
        Map<KeyWork, KeyWork> tried = new LinkedHashMap<>();
        for (KeyWork work : works) {
            Failure conflict = decided.get(work);
            if (conflict == null) {
                tried.put(work, work);
            } else if (conflict.from() > 0) {
                tried.put(work.until(conflict.from()), work);
            }
        }
        Run run = new Run(connection, sifting, mostBad);
        Map<KeyWork, Failure> failures = new LinkedHashMap<>();
        run.all(List.copyOf(tried.keySet()))
                .forEach((work, failure) -> failures.put(tried.getOrDefault(work, work), failure));
        decided.forEach(failures::putIfAbsent);
        return new Result(run.effects, failures);
    }

    private static List<KeyWork> early(Map<KeyWork, SQLException> failed) {
        return failed.entrySet().stream()
                .filter(each -> SqlErrors.reaction(each.getValue()) == SqlErrors.Reaction.ORDER)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Whether all changes of one row come from one source table; where they do not, a loaded row says nothing of the others'. */
    boolean isOneSources(TargetTable table) {
        WriteRules of = rules.getOrDefault(table, WriteRules.PLAIN);
        return !(of.shared() && of.latest().isPresent());
    }

    /** Whether a row of the table may go and come back without anything of it being decided anew. */
    private boolean isReplaceable(TargetTable table) {
        WriteRules of = rules.getOrDefault(table, WriteRules.PLAIN);
        return !of.keepsFirst()
                && of.guard().isEmpty()
                && of.mark().isEmpty()
                && of.hypertable().isEmpty();
    }

    private static boolean isOfRows(SQLException error) {
        SqlErrors.Reaction reaction = SqlErrors.reaction(error);
        return reaction == SqlErrors.Reaction.DATA || reaction == SqlErrors.Reaction.ORDER;
    }

    private final class Run {

        private final Connection connection;
        private final Sifting sifting;
        private final int mostBad;
        private final List<Effect> effects = new ArrayList<>();
        private int bad;

        private Run(Connection connection, boolean sifting, int mostBad) {
            this.connection = connection;
            this.sifting = new Sifting(writer.checks(), connection, sifting);
            this.mostBad = mostBad;
        }

        private Map<KeyWork, Failure> all(List<KeyWork> works) throws SQLException {
            List<KeyWork> ordered = new ArrayList<>(works);
            ordered.sort(Comparator.comparingInt(work -> places.getOrDefault(work.table(), places.size())));
            Map<KeyWork, SQLException> failed = bisect(ordered);
            List<KeyWork> early = early(failed);
            while (!early.isEmpty()) {
                Map<KeyWork, SQLException> again = bisect(early);
                early.forEach(failed::remove);
                failed.putAll(again);
                boolean gained = again.size() < early.size();
                early = gained ? early(again) : List.of();
            }
            Map<KeyWork, SQLException> collided = new LinkedHashMap<>(failed);
            collided.entrySet()
                    .removeIf(each -> !SqlErrors.isCollision(each.getValue())
                            || !isReplaceable(each.getKey().table()));
            swap(sifting.swappable(collided)).forEach(failed::remove);
            Map<KeyWork, Failure> failures = new LinkedHashMap<>();
            for (Map.Entry<KeyWork, SQLException> each : failed.entrySet()) {
                failures.put(each.getKey(), prefix(each.getKey(), each.getValue()));
            }
            return failures;
        }

        /** What is checked only at the commit would fail all of it, when nobody can tell any more which row it was. */
        private void checkDeferred() throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
            }
        }

        private Map<KeyWork, SQLException> bisect(List<KeyWork> works) throws SQLException {
            Map<KeyWork, SQLException> failed = new LinkedHashMap<>();
            List<KeyWork> rest = works;
            while (!rest.isEmpty()) {
                SQLException error = tried(rest);
                if (error == null) {
                    return failed;
                }
                Map<KeyWork, SQLException> faulty = sifting.faulty(rest, error);
                failed.putAll(faulty);
                if (faulty.isEmpty()) {
                    if (!isSwapped(rest, error)) {
                        divide(rest, error, failed);
                    }
                    return failed;
                }
                rest = rest.stream().filter(work -> !faulty.containsKey(work)).toList();
            }
            return failed;
        }

        /** Whether many rows that collided only with one another could all go, and come back. */
        private boolean isSwapped(List<KeyWork> works, SQLException error) throws SQLException {
            if (works.size() < Sifting.FEW
                    || !SqlErrors.isCollision(error)
                    || !works.stream().allMatch(work -> isReplaceable(work.table()))) {
                return false;
            }
            try {
                effects.addAll(attempt(pieces(works), WriteOrder.REPLACING));
                return true;
            } catch (SQLException e) {
                if (!isOfRows(e)) {
                    throw e;
                }
                return false;
            }
        }

        /** What is wrong with them; null if they are applied. */
        private @Nullable SQLException tried(List<KeyWork> works) throws SQLException {
            try {
                effects.addAll(attempt(pieces(works)));
                return null;
            } catch (SQLException e) {
                if (!isOfRows(e)) {
                    throw e;
                }
                return e;
            }
        }

        /** Applies rows that have handed unique values round among them, so that none can come first: all go, and come back. */
        private List<KeyWork> swap(List<KeyWork> works) throws SQLException {
            if (works.size() < 2) {
                return List.of();
            }
            try {
                effects.addAll(attempt(pieces(works), WriteOrder.REPLACING));
                return works;
            } catch (SQLException e) {
                if (!isOfRows(e)) {
                    throw e;
                }
                List<KeyWork> swapped = new ArrayList<>(swap(works.subList(0, works.size() / 2)));
                swapped.addAll(swap(works.subList(works.size() / 2, works.size())));
                return swapped;
            }
        }

        private void bisect(List<KeyWork> works, Map<KeyWork, SQLException> failed) throws SQLException {
            SQLException error = tried(works);
            if (error != null) {
                divide(works, error, failed);
            }
        }

        private void divide(List<KeyWork> works, SQLException error, Map<KeyWork, SQLException> failed)
                throws SQLException {
            if (works.size() > 1 && bad <= mostBad) {
                bisect(works.subList(0, works.size() / 2), failed);
                bisect(works.subList(works.size() / 2, works.size()), failed);
                return;
            }
            bad += SqlErrors.reaction(error) == SqlErrors.Reaction.DATA ? 1 : 0;
            works.forEach(work -> failed.put(work, error));
        }

        /** How much of one key's changes can be applied; applies that. */
        private Failure prefix(KeyWork work, SQLException error) throws SQLException {
            int good = 0;
            int bad = work.pieces().size();
            SQLException why = error;
            while (bad - good > 1 && SqlErrors.reaction(why) == SqlErrors.Reaction.DATA) {
                int middle = (good + bad) >>> 1;
                try {
                    Savepoint before = connection.setSavepoint();
                    attempt(work.pieces().subList(0, middle));
                    connection.rollback(before);
                    connection.releaseSavepoint(before);
                    good = middle;
                } catch (SQLException e) {
                    if (!isOfRows(e)) {
                        throw e;
                    }
                    why = e;
                    bad = middle;
                }
            }
            if (good > 0) {
                effects.addAll(attempt(work.pieces().subList(0, good)));
            }
            return new Failure(good, why);
        }

        private List<KeyWork.Piece> pieces(List<KeyWork> works) {
            List<KeyWork.Piece> pieces = new ArrayList<>();
            works.forEach(work -> pieces.addAll(work.pieces()));
            pieces.sort(Comparator.comparingInt(KeyWork.Piece::sequence));
            return pieces;
        }

        /** All of them or nothing, whichever goes first. */
        private List<Effect> attempt(List<KeyWork.Piece> pieces) throws SQLException {
            try {
                return attempt(pieces, WriteOrder.UPSERTS_FIRST);
            } catch (SQLException e) {
                if (SqlErrors.reaction(e) != SqlErrors.Reaction.ORDER) {
                    throw e;
                }
                return attempt(pieces, WriteOrder.DELETES_FIRST);
            }
        }

        private List<Effect> attempt(List<KeyWork.Piece> pieces, WriteOrder order) throws SQLException {
            Batch batch = new Batch(Map.of(), Map.of(), Set.of(), rules);
            for (KeyWork.Piece piece : pieces) {
                // Repeats were left out before.
                batch.add(piece.incoming().withoutOrigin());
            }
            List<Effect> done = new ArrayList<>();
            Savepoint before = connection.setSavepoint();
            try {
                for (Write write : batch.writes(parentsFirst, order)) {
                    done.add(new Effect(write, writer.apply(connection, write)));
                }
                checkDeferred();
                connection.releaseSavepoint(before);
                return done;
            } catch (SQLException e) {
                if (isOfRows(e)) {
                    connection.rollback(before);
                    connection.releaseSavepoint(before);
                }
                throw e;
            }
        }
    }
}

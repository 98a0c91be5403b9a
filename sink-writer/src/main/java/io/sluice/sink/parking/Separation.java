package io.sluice.sink.parking;

import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Batch;
import io.sluice.sink.batch.Incoming;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteOrder;
import io.sluice.sink.batch.WriteRules;
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

/**
 * Applies what the target takes of many keys' changes, and tells of the others how far each could be applied. Halves stand in for
 * single rows: of n keys a bad one costs about 2 log n statements under savepoints, and the good ones go in large sets all the same.
 *
 * <p>A row that only comes too early fails like a bad one at first. So those are tried again, all together, as long as that gets
 * any of them in.
 */
public final class Separation {

    private final TableWriter writer;
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
    }

    record Result(List<Effect> effects, Map<KeyWork, Failure> failures) {}

    public Separation(TableWriter writer, Map<TargetTable, WriteRules> rules, List<TargetTable> parentsFirst) {
        this.writer = writer;
        this.rules = Map.copyOf(rules);
        this.parentsFirst = List.copyOf(parentsFirst);
        for (TargetTable table : parentsFirst) {
            places.put(table, places.size());
        }
    }

    /**
     * Applies what can be applied.
     *
     * @param mostBad after so many bad keys it is of no use to look for more: whoever asks will halt
     */
    Result apply(Connection connection, List<KeyWork> works, int mostBad) throws SQLException {
        Run run = new Run(connection, mostBad);
        List<KeyWork> ordered = new ArrayList<>(works);
        ordered.sort(Comparator.comparingInt(work -> places.getOrDefault(work.table(), places.size())));
        Map<KeyWork, SQLException> failed = run.bisect(ordered);
        List<KeyWork> early = early(failed);
        while (!early.isEmpty()) {
            Map<KeyWork, SQLException> again = run.bisect(early);
            early.forEach(failed::remove);
            failed.putAll(again);
            boolean gained = again.size() < early.size();
            early = gained ? early(again) : List.of();
        }
        Map<KeyWork, Failure> failures = new LinkedHashMap<>();
        for (Map.Entry<KeyWork, SQLException> each : failed.entrySet()) {
            failures.put(each.getKey(), run.prefix(each.getKey(), each.getValue()));
        }
        return new Result(run.effects, failures);
    }

    private static List<KeyWork> early(Map<KeyWork, SQLException> failed) {
        return failed.entrySet().stream()
                .filter(each -> SqlErrors.reaction(each.getValue()) == SqlErrors.Reaction.ORDER)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static boolean isOfRows(SQLException error) {
        SqlErrors.Reaction reaction = SqlErrors.reaction(error);
        return reaction == SqlErrors.Reaction.DATA || reaction == SqlErrors.Reaction.ORDER;
    }

    private final class Run {

        private final Connection connection;
        private final int mostBad;
        private final List<Effect> effects = new ArrayList<>();
        private int bad;

        private Run(Connection connection, int mostBad) {
            this.connection = connection;
            this.mostBad = mostBad;
        }

        /** What is checked only at the commit would fail all of it, when nobody can tell any more which row it was. */
        private void checkDeferred() throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
            }
        }

        private Map<KeyWork, SQLException> bisect(List<KeyWork> works) throws SQLException {
            Map<KeyWork, SQLException> failed = new LinkedHashMap<>();
            if (!works.isEmpty()) {
                bisect(works, failed);
            }
            return failed;
        }

        private void bisect(List<KeyWork> works, Map<KeyWork, SQLException> failed) throws SQLException {
            try {
                effects.addAll(attempt(pieces(works)));
            } catch (SQLException e) {
                if (!isOfRows(e)) {
                    throw e;
                }
                if (works.size() > 1 && bad <= mostBad) {
                    bisect(works.subList(0, works.size() / 2), failed);
                    bisect(works.subList(works.size() / 2, works.size()), failed);
                    return;
                }
                bad += SqlErrors.reaction(e) == SqlErrors.Reaction.DATA ? 1 : 0;
                works.forEach(work -> failed.put(work, e));
            }
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
                Incoming incoming = piece.incoming();
                // Repeats were left out before.
                batch.add(new Incoming(incoming.partition(), incoming.offset(), incoming.change(), null));
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

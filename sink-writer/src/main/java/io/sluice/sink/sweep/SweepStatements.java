package io.sluice.sink.sweep;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.sink.ledger.SeenTable;
import io.sluice.sink.sql.HolderTable;
import io.sluice.sink.sql.KeyTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The statements that walk through a target table, or through the keys that a load saw, a piece at a time in the key's order. */
final class SweepStatements {

    private final SeenTable seen;
    private final SweepScope scope;
    private final String target;
    private final List<String> targetKey;
    private final List<String> seenKey;

    SweepStatements(SeenTable seen, SweepScope scope) {
        this.seen = seen;
        this.scope = scope;
        this.target = Identifiers.qualified(seen.table().schema(), seen.table().table());
        this.targetKey = seen.keyColumns().stream().map(Identifiers::quoted).toList();
        this.seenKey = KeyTable.names(targetKey.size());
    }

    /**
     * A piece of a table in the key's order. Each end is a key, as texts.
     *
     * @param after null: from the beginning
     * @param upTo null: to the end
     */
    record Piece(@Nullable List<String> after, @Nullable List<String> upTo) {}

    /** The piece of that many rows of the target behind this key; where it is kept who has them, of what is kept of so many. */
    Piece ofTarget(Connection connection, @Nullable List<String> after, int rows) throws SQLException {
        return scope instanceof SweepScope.Held held
                ? piece(connection, held.holders().name(), seenKey, null, after, rows)
                : piece(connection, target, targetKey, null, after, rows);
    }

    /** The piece of that many keys of this load behind this one. */
    Piece ofSeen(Connection connection, long load, @Nullable List<String> after, int rows) throws SQLException {
        return piece(connection, seen.name(), seenKey, load, after, rows);
    }

    /** Deletes those rows of the piece that the load speaks for and whose key it did not see; says how many. */
    int deleteUnseen(Connection connection, long load, Piece piece) throws SQLException {
        if (scope instanceof SweepScope.Held held) {
            return deleteUnseen(connection, load, piece, held);
        }
        String sql = "DELETE FROM " + target + " AS t WHERE " + within("t.", targetKey, piece) + named()
                + unseen(piece, "t.", targetKey);
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            int place = bind(delete, 1, piece);
            if (scope instanceof SweepScope.Named named) {
                delete.setString(place++, named.source());
            }
            bindUnseen(delete, place, load, piece);
            return delete.executeUpdate();
        }
    }

    /** First the rows that nobody else has, then what was kept of them and of the others. */
    private int deleteUnseen(Connection connection, long load, Piece piece, SweepScope.Held held) throws SQLException {
        HolderTable holders = held.holders();
        String entries = "h.source = ? AND " + within("h.", seenKey, piece) + unseen(piece, "h.", seenKey);
        int[] deleted = new int[2];
        List<String> statements = List.of(
                "DELETE FROM " + target + " AS t USING " + holders.name() + " AS h WHERE " + entries + " AND "
                        + holders.matches("h") + " AND " + holders.isOnly(),
                "DELETE FROM " + holders.name() + " AS h WHERE " + entries);
        for (int i = 0; i < deleted.length; i++) {
            try (PreparedStatement delete = connection.prepareStatement(statements.get(i))) {
                delete.setInt(1, held.source());
                bindUnseen(delete, bind(delete, 2, piece), load, piece);
                deleted[i] = delete.executeUpdate();
            }
        }
        return deleted[0];
    }

    /** Not as a condition of the index: beside a comparison of its whole rows PostgreSQL 17 finds others than it asks for. */
    private String named() {
        if (!(scope instanceof SweepScope.Named named)) {
            return "";
        }
        String type = seen.types().get(seen.keyColumns().indexOf(named.column()));
        return " AND (t." + Identifiers.quoted(named.column()) + " = CAST(CAST(? AS text) AS " + type + ")) IS TRUE";
    }

    /** The piece bounds both sides, so that neither is read whole however the planner goes about it. */
    private String unseen(Piece piece, String of, List<String> key) {
        String matches = IntStream.range(0, key.size())
                .mapToObj(i -> "s." + seenKey.get(i) + " = " + of + key.get(i))
                .collect(Collectors.joining(" AND "));
        return " AND NOT EXISTS (SELECT FROM " + seen.name() + " AS s WHERE s.load = ? AND "
                + within("s.", seenKey, piece) + " AND " + matches + ")";
    }

    private static void bindUnseen(PreparedStatement delete, int from, long load, Piece piece) throws SQLException {
        delete.setLong(from, load);
        bind(delete, from + 1, piece);
    }

    /** Forgets the keys of the piece. */
    void deleteSeen(Connection connection, long load, Piece piece) throws SQLException {
        String sql = "DELETE FROM " + seen.name() + " AS s WHERE s.load = ? AND " + within("s.", seenKey, piece);
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            delete.setLong(1, load);
            bind(delete, 2, piece);
            delete.executeUpdate();
        }
    }

    private Piece piece(
            Connection connection,
            String table,
            List<String> key,
            @Nullable Long load,
            @Nullable List<String> after,
            int rows)
            throws SQLException {
        String columns = String.join(", ", key);
        String texts = key.stream().map(column -> "b." + column + "::text").collect(Collectors.joining(", "));
        String sql = "SELECT " + texts + " FROM (SELECT " + columns + " FROM " + table + " WHERE "
                + within("", key, new Piece(after, null)) + (load == null ? "" : " AND load = ?") + " ORDER BY "
                + (load == null ? "" : "load, ") + columns + " OFFSET ? LIMIT 1) AS b";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            int place = bind(query, 1, new Piece(after, null));
            if (load != null) {
                query.setLong(place++, load);
            }
            query.setInt(place, rows - 1);
            try (ResultSet last = query.executeQuery()) {
                if (!last.next()) {
                    return new Piece(after, null);
                }
                List<String> upTo = new ArrayList<>(key.size());
                for (int i = 1; i <= key.size(); i++) {
                    upTo.add(last.getString(i));
                }
                return new Piece(after, upTo);
            }
        }
    }

    /** A row whose key is not whole can't be looked up among the keys: it is in no piece, and stays. */
    private String within(String of, List<String> key, Piece piece) {
        List<String> columns = key.stream().map(column -> of + column).toList();
        String row = "(" + String.join(", ", columns) + ")";
        String values = seen.types().stream()
                .map(type -> "CAST(CAST(? AS text) AS " + type + ")")
                .collect(Collectors.joining(", ", "(", ")"));
        List<String> conditions = new ArrayList<>();
        columns.forEach(column -> conditions.add(column + " IS NOT NULL"));
        if (piece.after() != null) {
            conditions.add(row + " > " + values);
        }
        if (piece.upTo() != null) {
            conditions.add(row + " <= " + values);
        }
        return String.join(" AND ", conditions);
    }

    private static int bind(PreparedStatement statement, int from, Piece piece) throws SQLException {
        int place = from;
        List<String> parts = new ArrayList<>(piece.after() == null ? List.of() : piece.after());
        parts.addAll(piece.upTo() == null ? List.of() : piece.upTo());
        for (String part : parts) {
            statement.setString(place++, part);
        }
        return place;
    }
}

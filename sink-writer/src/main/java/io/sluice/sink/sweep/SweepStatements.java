package io.sluice.sink.sweep;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.sink.ledger.SeenTable;
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
    private final String target;
    private final List<String> targetKey;
    private final List<String> seenKey;

    SweepStatements(SeenTable seen) {
        this.seen = seen;
        this.target = Identifiers.qualified(seen.table().schema(), seen.table().table());
        this.targetKey = seen.keyColumns().stream().map(Identifiers::quoted).toList();
        this.seenKey = IntStream.rangeClosed(1, targetKey.size())
                .mapToObj(i -> "k" + i)
                .toList();
    }

    /**
     * A piece of a table in the key's order. Each end is a key, as texts.
     *
     * @param after null: from the beginning
     * @param upTo null: to the end
     */
    record Piece(@Nullable List<String> after, @Nullable List<String> upTo) {}

    /** The piece of that many rows of the target behind this key. */
    Piece ofTarget(Connection connection, @Nullable List<String> after, int rows) throws SQLException {
        return piece(connection, target, targetKey, null, after, rows);
    }

    /** The piece of that many keys of this load behind this one. */
    Piece ofSeen(Connection connection, long load, @Nullable List<String> after, int rows) throws SQLException {
        return piece(connection, seen.name(), seenKey, load, after, rows);
    }

    /** Deletes those rows of the piece whose key the load did not see; says how many. */
    int deleteUnseen(Connection connection, long load, Piece piece) throws SQLException {
        String matches = IntStream.range(0, targetKey.size())
                .mapToObj(i -> "s." + seenKey.get(i) + " = t." + targetKey.get(i))
                .collect(Collectors.joining(" AND "));
        // The piece bounds both sides, so that neither is read whole however the planner goes about it.
        String sql = "DELETE FROM " + target + " AS t WHERE " + within("t.", targetKey, piece)
                + " AND NOT EXISTS (SELECT FROM " + seen.name() + " AS s WHERE s.load = ? AND "
                + within("s.", seenKey, piece) + " AND " + matches + ")";
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            int place = bind(delete, 1, piece);
            delete.setLong(place, load);
            bind(delete, place + 1, piece);
            return delete.executeUpdate();
        }
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

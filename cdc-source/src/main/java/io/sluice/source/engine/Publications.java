package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The publications of one source: one for each service, of exactly the tables that it reads. */
final class Publications {

    private final String source;
    private final Map<String, List<TableId>> wanted;

    Publications(String source, Map<String, List<TableId>> wanted) {
        this.source = source;
        this.wanted = wanted;
    }

    /** Creates those that are missing and adds the tables that a publication lacks. */
    void create(Connection connection) throws SQLException {
        for (Map.Entry<String, List<TableId>> each : wanted.entrySet()) {
            if (exists(connection, each.getKey())) {
                List<TableId> missing = missing(connection, each.getKey(), each.getValue());
                if (!missing.isEmpty()) {
                    execute(
                            connection,
                            "ALTER PUBLICATION " + Identifiers.quoted(each.getKey()) + " ADD TABLE " + tables(missing));
                }
            } else {
                execute(
                        connection,
                        "CREATE PUBLICATION " + Identifiers.quoted(each.getKey()) + " FOR TABLE "
                                + tables(each.getValue())
                                + " WITH (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)");
            }
        }
    }

    private static String tables(List<TableId> tables) {
        return tables.stream()
                .map(table -> "ONLY " + Identifiers.qualified(table.schema(), table.table()))
                .collect(Collectors.joining(", "));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * Checks that each still publishes every change of every one of these tables.
     *
     * @param loaded the tables whose changes have been read through them so far: none of these may be missing
     * @throws HaltException if a change of one may have gone by unseen
     */
    void check(Connection connection, Set<TableId> loaded) throws SQLException {
        for (Map.Entry<String, List<TableId>> each : wanted.entrySet()) {
            List<TableId> required =
                    each.getValue().stream().filter(loaded::contains).toList();
            if (required.isEmpty()) {
                continue;
            }
            if (!exists(connection, each.getKey())) {
                throw lost("publication " + each.getKey(), "does not exist any more");
            }
            List<TableId> missing = missing(connection, each.getKey(), required);
            if (!missing.isEmpty()) {
                throw lost(
                        "publication " + each.getKey(),
                        "does not publish table " + missing.get(0) + " any more, or not whole rows of it");
            }
            checkOperations(connection, each.getKey());
        }
    }

    private HaltException lost(String place, String problem) {
        return new HaltException(
                "PUBLICATION_CHANGED",
                "it " + problem + ", so changes have gone by unseen",
                place,
                "Start a new epoch with `sluice run FILE --new-epoch " + source + "`.");
    }

    private void checkOperations(Connection connection, String publication) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot"
                        + " FROM pg_catalog.pg_publication WHERE pubname = ?")) {
            query.setString(1, publication);
            try (ResultSet found = query.executeQuery()) {
                if (!found.next() || !found.getBoolean(1)) {
                    throw lost("publication " + publication, "does not publish every kind of change any more");
                }
            }
        }
    }

    private static boolean exists(Connection connection, String publication) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ?")) {
            query.setString(1, publication);
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    /** Those of these tables that are not, or only in part, published. */
    private List<TableId> missing(Connection connection, String publication, List<TableId> tables) throws SQLException {
        // Filters of rows and columns came with version 15.
        String whole = connection.getMetaData().getDatabaseMajorVersion() >= 15
                ? " AND r.prqual IS NULL AND r.prattrs IS NULL"
                : "";
        List<TableId> missing = new ArrayList<>(tables);
        try (PreparedStatement query =
                connection.prepareStatement("SELECT n.nspname, c.relname FROM pg_catalog.pg_publication p"
                        + " JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid"
                        + " JOIN pg_catalog.pg_class c ON c.oid = r.prrelid"
                        + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE p.pubname = ?" + whole)) {
            query.setString(1, publication);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    missing.remove(new TableId(source, found.getString(1), found.getString(2)));
                }
            }
        }
        return missing;
    }
}

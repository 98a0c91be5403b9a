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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The publications of one source: one for each service, of exactly the tables that it reads. */
final class Publications {

    private static final String OPTIONS =
            "(publish = 'insert, update, delete, truncate', publish_via_partition_root = true)";

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
                    execute(connection, addition(each.getKey(), missing));
                }
            } else {
                execute(connection, creation(each.getKey(), each.getValue()));
            }
        }
    }

    static String creation(String publication, List<TableId> tables) {
        return "CREATE PUBLICATION " + Identifiers.quoted(publication) + " FOR TABLE " + tables(tables) + " WITH "
                + OPTIONS;
    }

    static String addition(String publication, List<TableId> tables) {
        return "ALTER PUBLICATION " + Identifiers.quoted(publication) + " ADD TABLE " + tables(tables);
    }

    static String correction(String publication) {
        return "ALTER PUBLICATION " + Identifiers.quoted(publication) + " SET " + OPTIONS;
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
     * @param named the publications that have been read through so far
     * @param loaded the tables whose changes have been read through them so far: none of these may be missing
     * @throws HaltException if a change of one may have gone by unseen
     */
    void check(Connection connection, Collection<String> named, Set<TableId> loaded) throws SQLException {
        for (Map.Entry<String, List<TableId>> each : wanted.entrySet()) {
            List<TableId> required =
                    each.getValue().stream().filter(loaded::contains).toList();
            if (required.isEmpty() || !named.contains(each.getKey())) {
                continue;
            }
            if (!exists(connection, each.getKey())) {
                throw lost("publication " + each.getKey(), "does not exist any more");
            }
            List<TableId> missing = missing(connection, each.getKey(), required);
            if (!missing.isEmpty()) {
                throw lost(
                        "publication " + each.getKey(),
                        "does not publish table " + missing.get(0)
                                + ", or not whole rows of it: somebody changed it, or its service has only now come to read a"
                                + " table that another one reads already");
            }
            if (!publishesEverything(connection, each.getKey())) {
                throw lost("publication " + each.getKey(), "does not publish every kind of change any more");
            }
        }
    }

    private HaltException lost(String place, String problem) {
        return new HaltException(
                "PUBLICATION_CHANGED",
                "it " + problem + ", so changes have gone by unseen",
                place,
                "Start a new epoch with `sluice run FILE --new-epoch " + source + "`.");
    }

    /** The tables of each, by its name. */
    Map<String, List<TableId>> wanted() {
        return wanted;
    }

    static boolean publishesEverything(Connection connection, String publication) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot"
                        + " FROM pg_catalog.pg_publication WHERE pubname = ?")) {
            query.setString(1, publication);
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        }
    }

    static boolean exists(Connection connection, String publication) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ?")) {
            query.setString(1, publication);
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    /** Those of these tables that are not, or only in part, published. */
    List<TableId> missing(Connection connection, String publication, List<TableId> tables) throws SQLException {
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

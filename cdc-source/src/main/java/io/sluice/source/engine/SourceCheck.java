package io.sluice.source.engine;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresServer;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds, all at once and before anything is made, what would keep a source from being captured. */
final class SourceCheck {

    private final PostgresConnector connector;
    private final List<TableId> tables;
    private final String slot;
    private final List<Finding> findings = new ArrayList<>();

    SourceCheck(PostgresConnector connector, List<TableId> tables, String slot) {
        this.connector = connector;
        this.tables = tables;
        this.slot = slot;
    }

    List<Finding> run() throws SQLException {
        try (Connection connection = connector.open()) {
            SessionSettings.apply(connection);
            checkServer(connection);
            PostgresCatalog catalog = new PostgresCatalog(connection);
            for (TableId id : tables) {
                checkTable(connection, catalog, id);
            }
        }
        return findings;
    }

    private void checkServer(Connection connection) throws SQLException {
        String place = connector.address();
        int version = Integer.parseInt(setting(connection, "server_version_num"));
        if (version < PostgresServer.LEAST_VERSION) {
            error(
                    place,
                    "PostgreSQL " + setting(connection, "server_version") + " is too old",
                    "Use version 13 or newer.");
        }
        if (!setting(connection, "wal_level").equals("logical")) {
            error(
                    place,
                    "wal_level is " + setting(connection, "wal_level") + ", so the log does not say what changes",
                    "ALTER SYSTEM SET wal_level = 'logical'; then restart the server.");
        }
        if (setting(connection, "server_encoding").equals("SQL_ASCII")) {
            error(
                    place,
                    "the database has the encoding SQL_ASCII, so nobody knows what its texts say",
                    "Move it to a database with the encoding UTF8 first.");
        }
        if (!isTrue(
                connection,
                "SELECT rolsuper OR rolreplication OR EXISTS (SELECT FROM pg_catalog.pg_roles r"
                        + " WHERE r.rolname IN ('rds_replication', 'cloudsqlreplica', 'azure_pg_admin')"
                        + " AND pg_catalog.pg_has_role(current_user, r.oid, 'member'))"
                        + " FROM pg_catalog.pg_roles WHERE rolname = current_user")) {
            error(place, "our user may not replicate", "ALTER ROLE " + user(connection) + " REPLICATION;");
        }
        if (!isTrue(connection, "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')")) {
            error(
                    place,
                    "our user may not create a publication",
                    "GRANT CREATE ON DATABASE " + Identifiers.quoted(connector.database()) + " TO " + user(connection)
                            + ";");
        }
        checkRoom(connection, place);
    }

    private void checkRoom(Connection connection, String place) throws SQLException {
        boolean slotExists = isTrue(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = "
                        + Identifiers.literal(slot) + ")");
        if (!slotExists
                && !isTrue(
                        connection,
                        "SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots)"
                                + " < pg_catalog.current_setting('max_replication_slots')::int")) {
            error(
                    place,
                    "every replication slot is taken (max_replication_slots = "
                            + setting(connection, "max_replication_slots") + ")",
                    "Drop a slot that nobody uses, or raise max_replication_slots and restart the server.");
        }
        if (!slotExists
                && !isTrue(
                        connection,
                        "SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication)"
                                + " < pg_catalog.current_setting('max_wal_senders')::int")) {
            error(
                    place,
                    "every replication connection is taken (max_wal_senders = " + setting(connection, "max_wal_senders")
                            + ")",
                    "Raise max_wal_senders and restart the server.");
        }
        if (!slotExists && setting(connection, "max_slot_wal_keep_size").equals("-1")) {
            findings.add(
                    new Finding(
                            Finding.Severity.INFO,
                            place,
                            "the server keeps log for our slot without a limit while we are away",
                            "Watch its disk, or set max_slot_wal_keep_size: beyond it the slot is lost and tables are read again."));
        }
    }

    private void checkTable(Connection connection, PostgresCatalog catalog, TableId id) throws SQLException {
        String place = "table " + id;
        Optional<PostgresTable> found = catalog.read(id.schema(), id.table());
        if (found.isEmpty()) {
            error(place, "there is no such table", "Correct the pipeline file: names are case-sensitive.");
            return;
        }
        PostgresTable table = found.get();
        if (table.kind() == PostgresTable.Kind.OTHER) {
            error(
                    place,
                    "it is a view, or a foreign, temporary or unlogged table, whose changes are not in the log",
                    "Capture the tables behind it, or ALTER TABLE … SET LOGGED.");
            return;
        }
        table.unsupported().forEach(why -> error(place, why, "Leave the table out, or change it."));
        checkKey(place, table);
        checkRights(connection, place, table);
        if (table.rowSecurity()) {
            error(
                    place,
                    "row-level security hides rows from our user, so a first load would lack them",
                    "ALTER ROLE " + user(connection) + " BYPASSRLS;");
        }
        if (isTrue(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid"
                        + " WHERE i.inhparent = " + table.oid() + " AND NOT c.relispartition)")) {
            findings.add(Finding.warning(
                    place,
                    "other tables inherit from it; only its own rows are captured",
                    "Name the inheriting tables too, where their rows are wanted."));
        }
    }

    private void checkKey(String place, PostgresTable table) {
        String name = table.qualifiedName();
        if (table.identity() == ReplicaIdentity.NOTHING) {
            error(
                    place,
                    "its replica identity is NOTHING, so the log does not say which row changes",
                    "ALTER TABLE " + name + " REPLICA IDENTITY DEFAULT; or FULL where it has no primary key.");
        } else if (!table.row().hasKey()) {
            error(
                    place,
                    "it has no primary key, so the log does not say which row changes",
                    "Add a primary key, or ALTER TABLE " + name + " REPLICA IDENTITY USING INDEX …; or FULL.");
        } else if (table.wholeRowKey()) {
            findings.add(Finding.warning(
                    place,
                    "its rows are known by all their columns together; two equal rows can't be told apart",
                    "Add a primary key, or a unique index and ALTER TABLE " + name
                            + " REPLICA IDENTITY USING INDEX …."));
        }
    }

    private void checkRights(Connection connection, String place, PostgresTable table) throws SQLException {
        if (!isTrue(
                connection, "SELECT pg_catalog.has_table_privilege(" + table.oid() + "::pg_catalog.oid, 'SELECT')")) {
            error(
                    place,
                    "our user may not read it",
                    "GRANT SELECT ON " + table.qualifiedName() + " TO " + user(connection) + ";");
        }
        if (!isTrue(
                connection,
                "SELECT pg_catalog.pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class WHERE oid = "
                        + table.oid())) {
            error(
                    place,
                    "our user does not own it, and only an owner may publish a table",
                    "GRANT its owner's role to " + user(connection) + ", or make that user the owner.");
        }
    }

    private void error(String place, String problem, String remedy) {
        findings.add(Finding.error(place, problem, remedy));
    }

    private static String user(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_catalog.quote_ident(current_user)")) {
            result.next();
            return result.getString(1);
        }
    }

    private static String setting(Connection connection, String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT pg_catalog.current_setting(?, true)")) {
            query.setString(1, name);
            try (ResultSet result = query.executeQuery()) {
                result.next();
                return String.valueOf(result.getString(1));
            }
        }
    }

    private static boolean isTrue(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() && result.getBoolean(1);
        }
    }
}

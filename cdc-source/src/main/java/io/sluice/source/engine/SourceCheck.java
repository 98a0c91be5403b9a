package io.sluice.source.engine;

import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresServer;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Finds, all at once and before anything is made, what would keep a source from being captured. */
final class SourceCheck {

    /** We report every five seconds; below that a server hears nothing of us in time, however well we are. */
    private static final int SHORT_TIMEOUT_MILLIS = 10_000;

    private final SourceContext context;
    private final String place;
    private final List<Finding> findings = new ArrayList<>();

    SourceCheck(SourceContext context) {
        this.context = context;
        this.place = context.connector().address();
    }

    List<Finding> run() throws SQLException {
        try (Connection connection = context.connector().open()) {
            SessionSettings.apply(connection);
            checkServer(connection);
            findings.addAll(new RoomCheck(context, connection).run());
            checkTimeouts(connection);
            PublicationCheck publications = new PublicationCheck(context, connection);
            findings.addAll(publications.run());
            checkHeartbeat(connection);
            TableCheck tables = new TableCheck(connection, new PostgresCatalog(connection), publications.unpublished());
            for (TableId table : context.tables().all()) {
                findings.addAll(tables.run(table));
            }
        }
        return findings;
    }

    private void checkServer(Connection connection) throws SQLException {
        int version = Integer.parseInt(Sql.setting(connection, "server_version_num"));
        if (version < PostgresServer.LEAST_VERSION) {
            error(
                    "PostgreSQL " + Sql.setting(connection, "server_version") + " is too old",
                    "Use version 13 or newer.");
        } else if (version >= PostgresServer.UNTRIED_VERSION) {
            warning(
                    "PostgreSQL " + Sql.setting(connection, "server_version")
                            + " is newer than all that Sluice is tried with",
                    "Try it with a copy first.");
        }
        if (Sql.isTrue(connection, "SELECT pg_catalog.pg_is_in_recovery()")) {
            error(
                    "the server is a standby, where neither publications nor heartbeats can be written",
                    "Give the primary's address.");
        }
        if (!Sql.setting(connection, "wal_level").equals("logical")) {
            error(
                    "wal_level is " + Sql.setting(connection, "wal_level") + ", so the log does not say what changes",
                    "ALTER SYSTEM SET wal_level = 'logical'; then restart the server.");
        }
        if (Sql.setting(connection, "server_encoding").equals("SQL_ASCII")) {
            error(
                    "the database has the encoding SQL_ASCII, so nobody knows what its texts say",
                    "Move it to a database with the encoding UTF8 first.");
        }
        if (!Sql.isTrue(
                connection,
                "SELECT rolsuper OR rolreplication OR EXISTS (SELECT FROM pg_catalog.pg_roles r"
                        + " WHERE r.rolname IN ('rds_replication', 'cloudsqlreplica', 'azure_pg_admin')"
                        + " AND pg_catalog.pg_has_role(current_user, r.oid, 'member'))"
                        + " FROM pg_catalog.pg_roles WHERE rolname = current_user")) {
            error("our user may not replicate", "ALTER ROLE " + Sql.user(connection) + " REPLICATION;");
        }
    }

    private void checkTimeouts(Connection connection) throws SQLException {
        int millis = Integer.parseInt(
                Sql.text(connection, "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'"));
        if (millis == 0) {
            warning(
                    "wal_sender_timeout is off, so a session whose client is gone may hold the slot for ever",
                    "ALTER SYSTEM SET wal_sender_timeout = '1min'; then SELECT pg_reload_conf();");
        } else if (millis < SHORT_TIMEOUT_MILLIS) {
            warning(
                    "wal_sender_timeout is " + millis + " ms, so the server ends sessions that are only slow",
                    "ALTER SYSTEM SET wal_sender_timeout = '1min'; then SELECT pg_reload_conf();");
        }
    }

    private void checkHeartbeat(Connection connection) throws SQLException {
        HeartbeatTable table = HeartbeatTable.of(context);
        if (HeartbeatTable.isNeeded(connection) && !table.isWithinReach(connection)) {
            error(
                    "our user may write neither messages into the log nor a table of our own, so while the captured tables"
                            + " are idle the server would keep all log",
                    table.remedy(connection));
        }
    }

    private void error(String problem, String remedy) {
        findings.add(Finding.error(place, problem, remedy));
    }

    private void warning(String problem, String remedy) {
        findings.add(Finding.warning(place, problem, remedy));
    }
}

package io.sluice.sink.ledger;

import io.sluice.platform.error.HaltException;
import io.sluice.sink.sql.TargetTables;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The schema {@code sluice} of a target database, and how it comes to be what this version needs. */
public final class LedgerSchema {

    /**
     * What each version adds; a step is never changed once released. The ledger's row is rewritten with every batch: room on
     * its page keeps that to the page, and vacuum must not wait for a share of a table that is always small.
     */
    private static final List<String> STEPS = List.of(
            """
            CREATE TABLE sluice.applied (
                pipeline   text        NOT NULL,
                service    text        NOT NULL,
                cluster_id text        NOT NULL,
                topic_id   text        NOT NULL,
                partition  integer     NOT NULL,
                topic      text        NOT NULL,
                position   bigint      NOT NULL CHECK (position >= 0),
                epoch      bigint      NOT NULL,
                origins    jsonb       NOT NULL DEFAULT '{}',
                updated_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (pipeline, service, cluster_id, topic_id, partition)
            ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
            COMMENT ON TABLE sluice.applied IS
                'How far each partition of each row topic has been applied. Moves with the rows, in their transactions.';
            COMMENT ON COLUMN sluice.applied.position IS 'The offset that is read next.';
            COMMENT ON COLUMN sluice.applied.epoch IS 'Counts the takers; only the latest one may write.';
            COMMENT ON COLUMN sluice.applied.origins IS
                'For each partition of each change topic, the last record applied: [offset, part].';
            """);

    private LedgerSchema() {}

    /** Brings the schema up to date; commits. Idempotent, and safe for several processes at once. */
    public static void prepare(Connection connection) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            TargetTables.lockPreparation(connection);
            int version = version(statement);
            if (version > STEPS.size()) {
                throw new HaltException(
                        "LEDGER_NEWER",
                        "the target's schema sluice is of version " + version + ", and this program knows "
                                + STEPS.size(),
                        "schema sluice",
                        "A newer Sluice has worked on this target: use that one.");
            }
            if (version == 0) {
                statement.execute("CREATE SCHEMA IF NOT EXISTS sluice");
                statement.execute("CREATE TABLE IF NOT EXISTS sluice.version (version integer NOT NULL)");
                statement.execute("INSERT INTO sluice.version VALUES (0)");
            }
            for (String step : STEPS.subList(version, STEPS.size())) {
                statement.execute(step);
            }
            if (version < STEPS.size()) {
                statement.execute("UPDATE sluice.version SET version = " + STEPS.size());
            }
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(autoCommit);
        }
    }

    /**
     * Makes sure that there is a ledger of this version.
     *
     * @return its version
     */
    public static int requirePresent(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version = version(statement);
            if (version != STEPS.size()) {
                throw new HaltException(
                        "LEDGER_MISSING",
                        "the target's schema sluice is "
                                + (version == 0
                                        ? "missing"
                                        : "of version " + version + ", and " + STEPS.size() + " is needed"),
                        "schema sluice",
                        "Start the pipeline with `run`, which prepares its targets, under a user that may create a schema.");
            }
            return version;
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet exists = statement.executeQuery("SELECT to_regclass('sluice.version') IS NOT NULL")) {
            exists.next();
            if (!exists.getBoolean(1)) {
                return 0;
            }
        }
        try (ResultSet version = statement.executeQuery("SELECT max(version) FROM sluice.version")) {
            version.next();
            return version.getInt(1);
        }
    }
}

package io.sluice.sink.ledger;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.sink.sql.Preparation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
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
            """,
            """
            CREATE TABLE sluice.seen (
                number        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                pipeline      text    NOT NULL,
                service       text    NOT NULL,
                target_schema text    NOT NULL,
                target_table  text    NOT NULL,
                key_columns   text[]  NOT NULL,
                UNIQUE (pipeline, service, target_schema, target_table)
            );
            COMMENT ON TABLE sluice.seen IS
                'For each target table that is swept after a load, the number N of sluice.seen_N, which holds the keys of open loads.';
            COMMENT ON COLUMN sluice.seen.key_columns IS 'In the order of the target''s unique index.';
            CREATE TABLE sluice.load (
                number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                pipeline   text        NOT NULL,
                service    text        NOT NULL,
                cluster_id text        NOT NULL,
                topic_id   text        NOT NULL,
                load       text        NOT NULL,
                source     text        NOT NULL,
                seen       integer     NOT NULL REFERENCES sluice.seen,
                marks      integer     NOT NULL CHECK (marks > 0),
                state      text        NOT NULL DEFAULT 'recording'
                                       CHECK (state IN ('recording', 'sweeping', 'emptying', 'done')),
                superseded boolean     NOT NULL DEFAULT false,
                reached    text[],
                swept      bigint      NOT NULL DEFAULT 0,
                swept_now  bigint      NOT NULL DEFAULT 0,
                skipped    bigint      NOT NULL DEFAULT 0,
                fruitless  integer     NOT NULL DEFAULT 0,
                rests_to   timestamptz NOT NULL DEFAULT '-infinity',
                begun_at   timestamptz NOT NULL DEFAULT now(),
                done_at    timestamptz,
                UNIQUE (pipeline, service, cluster_id, topic_id, load)
            );
            COMMENT ON TABLE sluice.load IS
                'The loads that a row topic brought. A later number is a later load, and supersedes those before it.';
            COMMENT ON COLUMN sluice.load.marks IS 'How many ends make it whole: one of each change partition in each row partition.';
            COMMENT ON COLUMN sluice.load.reached IS 'The last key that the sweep, or the emptying after it, has looked at.';
            COMMENT ON COLUMN sluice.load.swept IS 'Rows that it did not see and that are gone; swept_now those of this pass.';
            COMMENT ON COLUMN sluice.load.skipped IS 'Rows that could not be deleted in this pass: others refer to them.';
            COMMENT ON COLUMN sluice.load.fruitless IS 'Passes in a row that could delete nothing; each waits longer than the last.';
            CREATE TABLE sluice.load_mark (
                load             bigint  NOT NULL REFERENCES sluice.load ON DELETE CASCADE,
                partition        integer NOT NULL,
                change_partition integer NOT NULL,
                ended            boolean NOT NULL DEFAULT false,
                PRIMARY KEY (load, partition, change_partition)
            );
            COMMENT ON TABLE sluice.load_mark IS
                'For each open load, which partitions of the change topic it has begun and ended in, as each row partition saw it.';
            """,
            """
            ALTER TABLE sluice.load DROP CONSTRAINT load_pipeline_service_cluster_id_topic_id_load_key;
            ALTER TABLE sluice.load ADD UNIQUE (pipeline, service, cluster_id, topic_id, load, seen);
            CREATE TABLE sluice.loading (
                pipeline   text        NOT NULL,
                service    text        NOT NULL,
                cluster_id text        NOT NULL,
                topic_id   text        NOT NULL,
                source     text        NOT NULL,
                load       text        NOT NULL,
                begun_at   timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (pipeline, service, cluster_id, topic_id, source)
            );
            COMMENT ON TABLE sluice.loading IS
                'The source tables that a strong service is reading: while there is one, its tables are of different times.';
            """,
            """
            CREATE TABLE sluice.parked (
                pipeline      text        NOT NULL,
                service       text        NOT NULL,
                cluster_id    text        NOT NULL,
                topic_id      text        NOT NULL,
                partition     integer     NOT NULL,
                record_offset bigint      NOT NULL,
                topic         text        NOT NULL,
                key           bytea       NOT NULL,
                value         bytea,
                headers       bytea       NOT NULL,
                written_at    bigint      NOT NULL,
                state         text        NOT NULL CHECK (state IN ('waiting', 'refused', 'parked', 'discarded')),
                code          text        NOT NULL,
                problem       text        NOT NULL,
                position      text        NOT NULL,
                relayed       boolean     NOT NULL DEFAULT false,
                asked         text,
                parked_at     timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (pipeline, service, cluster_id, topic_id, partition, record_offset)
            );
            COMMENT ON TABLE sluice.parked IS
                'Records of row topics whose rows are not in the tables: refused ones, and later ones of their keys.';
            COMMENT ON COLUMN sluice.parked.state IS
                'waiting: for another row; refused; parked: behind a refused one; discarded: until its row comes whole.';
            COMMENT ON COLUMN sluice.parked.relayed IS 'Whether its letter is in the topic of dead letters.';
            COMMENT ON COLUMN sluice.parked.asked IS 'The last request to try it again that was in vain: partition and offset.';
            """,
            """
            CREATE TABLE sluice.key_space (
                space         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                pipeline      text    NOT NULL,
                service       text    NOT NULL,
                target_schema text    NOT NULL,
                target_table  text    NOT NULL,
                target_column text    NOT NULL,
                sequence      text    NOT NULL,
                UNIQUE (pipeline, service, target_schema, target_table, target_column)
            );
            COMMENT ON TABLE sluice.key_space IS
                'For each column that is generated by serial-from and begins its numbers, the sequence that gives them.';
            CREATE TABLE sluice.key_column (
                pipeline      text    NOT NULL,
                service       text    NOT NULL,
                target_schema text    NOT NULL,
                target_table  text    NOT NULL,
                target_column text    NOT NULL,
                space         integer NOT NULL REFERENCES sluice.key_space,
                PRIMARY KEY (pipeline, service, target_schema, target_table, target_column)
            );
            COMMENT ON TABLE sluice.key_column IS 'Whose numbers each column holds: its own, or those of its rows'' parents.';
            CREATE TABLE sluice.key_map (
                space  integer NOT NULL REFERENCES sluice.key_space,
                name   uuid    NOT NULL,
                number bigint  NOT NULL,
                PRIMARY KEY (space, name),
                UNIQUE (space, number)
            );
            COMMENT ON TABLE sluice.key_map IS
                'Which number each key of a source row was given. It stays for good, so that the row never comes under another one.';
            """,
            """
            CREATE TABLE sluice.coming (
                pipeline         text        NOT NULL,
                service          text        NOT NULL,
                cluster_id       text        NOT NULL,
                topic_id         text        NOT NULL,
                partition        integer     NOT NULL,
                source           text        NOT NULL,
                change_partition integer     NOT NULL,
                load             text        NOT NULL,
                begun_at         timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (pipeline, service, cluster_id, topic_id, partition, source, change_partition)
            );
            COMMENT ON TABLE sluice.coming IS
                'Loads of source tables that have begun and not ended in a row partition: what others wait for may yet come.';
            """,
            """
            CREATE TABLE sluice.set_aside (
                pipeline    text        NOT NULL,
                service     text        NOT NULL,
                transaction text        NOT NULL,
                position    text        NOT NULL,
                asked_by    text        NOT NULL,
                asked_at    timestamptz NOT NULL DEFAULT now(),
                records     integer,
                code        text,
                problem     text,
                done_at     timestamptz,
                PRIMARY KEY (pipeline, service, transaction, position)
            );
            COMMENT ON TABLE sluice.set_aside IS
                'Transactions of strong services that an operator has the sink set aside: asked for, and, with done_at, done.';
            """,
            """
            ALTER TABLE sluice.parked DROP CONSTRAINT parked_state_check;
            ALTER TABLE sluice.parked ADD CONSTRAINT parked_state_check
                CHECK (state IN ('waiting', 'refused', 'parked', 'discarded', 'conflict', 'following'));
            COMMENT ON COLUMN sluice.parked.state IS
                'waiting: for another row; refused; parked: behind a refused one; conflict: the target''s row is newer; following: behind a conflict; discarded: until its row comes whole.';
            """,
            """
            ALTER TABLE sluice.load DROP CONSTRAINT load_pipeline_service_cluster_id_topic_id_load_seen_key;
            ALTER TABLE sluice.load ADD UNIQUE (pipeline, service, cluster_id, topic_id, source, load, seen);
            CREATE TABLE sluice.source (
                number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name   text    NOT NULL UNIQUE
            );
            COMMENT ON TABLE sluice.source IS 'The source tables that share a target table, by the number that stands for each.';
            CREATE TABLE sluice.shared (
                number        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                pipeline      text    NOT NULL,
                service       text    NOT NULL,
                target_schema text    NOT NULL,
                target_table  text    NOT NULL,
                key_columns   text[]  NOT NULL,
                sources       text[]  NOT NULL,
                UNIQUE (pipeline, service, target_schema, target_table)
            );
            COMMENT ON TABLE sluice.shared IS
                'For each target table whose rows do not tell their source table, the number N of sluice.holders_N, which does.';
            COMMENT ON COLUMN sluice.shared.key_columns IS 'In the order of the target''s unique index.';
            """);

    static final List<String> BEGINNING = List.of(
            "CREATE SCHEMA IF NOT EXISTS sluice",
            "CREATE TABLE IF NOT EXISTS sluice.version (version integer NOT NULL)",
            "INSERT INTO sluice.version VALUES (0)");

    private static final String LACKING =
            """
            SELECT 'USAGE ON SCHEMA sluice' WHERE NOT has_schema_privilege(?, 'sluice', 'USAGE')
            UNION ALL
            SELECT format('SELECT, INSERT, UPDATE, DELETE ON sluice.%I', c.relname)
            FROM pg_catalog.pg_class c
            WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind = 'r' AND EXISTS (
                SELECT FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS r
                WHERE NOT has_table_privilege(?, c.oid, r))
            """;

    private LedgerSchema() {}

    /** Brings the schema up to date; commits. Idempotent, and safe for several processes at once. */
    public static void prepare(Connection connection) throws SQLException {
        Preparation.alone(connection, () -> {
            try (Statement statement = connection.createStatement()) {
                return upgrade(statement);
            }
        });
    }

    private static int upgrade(Statement statement) throws SQLException {
        int version = version(statement);
        refuseNewer(version);
        if (version == 0) {
            for (String each : BEGINNING) {
                statement.execute(each);
            }
        }
        for (String step : STEPS.subList(version, STEPS.size())) {
            statement.execute(step);
        }
        if (version < STEPS.size()) {
            statement.execute("UPDATE sluice.version SET version = " + STEPS.size());
        }
        return version;
    }

    static void refuseNewer(int version) {
        if (version > STEPS.size()) {
            throw new HaltException(
                    "LEDGER_NEWER",
                    "the target's schema sluice is of version " + version + ", and this program knows " + STEPS.size(),
                    "schema sluice",
                    "A newer Sluice has worked on this target: use that one.");
        }
    }

    /** What each version adds to the one before. */
    static List<String> steps() {
        return STEPS;
    }

    /** What that role needs, once everything is there, as statements. */
    public static List<String> grants(String role) {
        return List.of(
                "GRANT USAGE ON SCHEMA sluice TO " + Identifiers.quoted(role),
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sluice TO " + Identifiers.quoted(role));
    }

    /** What {@link #grant} would give, as statements. */
    public static List<String> missingGrants(Connection connection, String role) throws SQLException {
        return lacking(connection, role).stream()
                .map(right -> "GRANT " + right + " TO " + Identifiers.quoted(role))
                .toList();
    }

    /** Lets the role that writes the target keep the ledger, where it may not yet; commits. */
    public static void grant(Connection connection, String role) throws SQLException {
        // Two that grant at once would change the same row of the catalog.
        Preparation.alone(connection, () -> {
            List<String> grants = missingGrants(connection, role);
            try (Statement statement = connection.createStatement()) {
                for (String grant : grants) {
                    statement.execute(grant);
                }
            }
            return grants;
        });
    }

    /** The rights that it has not. */
    static List<String> lacking(Connection connection, String role) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(LACKING)) {
            query.setString(1, role);
            query.setString(2, role);
            List<String> grants = new ArrayList<>();
            try (ResultSet lacking = query.executeQuery()) {
                while (lacking.next()) {
                    grants.add(lacking.getString(1));
                }
            }
            return grants;
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

    static int version(Statement statement) throws SQLException {
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

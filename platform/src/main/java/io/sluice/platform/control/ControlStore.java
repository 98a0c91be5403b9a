package io.sluice.platform.control;

import com.zaxxer.hikari.HikariDataSource;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.postgres.PostgresConnector;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** The schema {@code sluice_control}: brought to this version when it is opened. */
public final class ControlStore implements AutoCloseable {

    private static final String SCHEMA = "sluice_control";
    private static final int MOST_CONNECTIONS = 2;

    private final PostgresConnector connector;
    private final HikariDataSource pool;

    private ControlStore(PostgresConnector connector, HikariDataSource pool) {
        this.connector = connector;
        this.pool = pool;
    }

    /**
     * Connects, and makes or moves on the schema.
     *
     * @throws EnvironmentException if the database can't be reached, or does not let us
     */
    public static ControlStore open(PostgresConnector connector) {
        try (Connection probe = connector.open()) {
            // The pool would only say that no connection came in time.
            probe.isValid(1);
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
        HikariDataSource pool = connector.pool(MOST_CONNECTIONS);
        try {
            Flyway.configure(ControlStore.class.getClassLoader())
                    .dataSource(pool)
                    .schemas(SCHEMA)
                    .createSchemas(true)
                    .table("schema_history")
                    .locations("classpath:" + SCHEMA)
                    .failOnMissingLocations(true)
                    .load()
                    .migrate();
            return new ControlStore(connector, pool);
        } catch (FlywayException e) {
            pool.close();
            throw new EnvironmentException(
                    "CONTROL_STORE",
                    "the schema " + SCHEMA + " can't be brought to this version: " + reason(e),
                    connector.address(),
                    "Let our user create and alter it (GRANT CREATE ON DATABASE …), or use the version of Sluice that made it.",
                    e);
        }
    }

    private static String reason(FlywayException e) {
        Throwable cause = e;
        while (cause.getCause() != null && !(cause instanceof SQLException)) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    /** Enters what somebody asks for, before it is done; the entry's number. */
    public long begin(String pipeline, String who, String action, String subject, String why) {
        return ask(
                        "INSERT INTO sluice_control.audit_log (pipeline, who, action, subject, why) VALUES (?, ?, ?, ?, ?) "
                                + "RETURNING number",
                        statement -> {
                            statement.setString(1, pipeline);
                            statement.setString(2, who);
                            statement.setString(3, action);
                            statement.setString(4, subject);
                            statement.setString(5, why);
                        },
                        row -> row.getLong(1))
                .get(0);
    }

    /** How that ended. */
    public void end(long number, AuditEntry.Outcome outcome) {
        ask(
                "UPDATE sluice_control.audit_log SET outcome = ? WHERE number = ? RETURNING number",
                statement -> {
                    statement.setString(1, outcome.word());
                    statement.setLong(2, number);
                },
                row -> row.getLong(1));
    }

    /** The latest entries, newest first. */
    public List<AuditEntry> audit(String pipeline, int most) {
        return ask(
                "SELECT number, at, who, action, subject, why, outcome FROM sluice_control.audit_log "
                        + "WHERE pipeline = ? ORDER BY number DESC LIMIT ?",
                statement -> {
                    statement.setString(1, pipeline);
                    statement.setInt(2, most);
                },
                row -> new AuditEntry(
                        row.getLong(1),
                        row.getTimestamp(2).toInstant(),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        AuditEntry.Outcome.of(row.getString(7))));
    }

    /** Keeps how a comparison came out. */
    public void keep(ValidationResult result) {
        ask(
                "INSERT INTO sluice_control.validation_results (pipeline, service, target_table, finished_at, verdict, level, "
                        + "position, compared, different, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb) RETURNING number",
                statement -> {
                    statement.setString(1, result.pipeline());
                    statement.setString(2, result.service());
                    statement.setString(3, result.table());
                    statement.setTimestamp(4, Timestamp.from(result.finished()));
                    statement.setString(5, result.verdict());
                    statement.setString(6, result.level());
                    statement.setString(7, result.position());
                    statement.setLong(8, result.compared());
                    statement.setLong(9, result.different());
                    statement.setString(10, result.report());
                },
                row -> row.getLong(1));
    }

    /** How each table last compared. */
    public List<ValidationResult> lastResults(String pipeline) {
        return ask(
                "SELECT DISTINCT ON (service, target_table) pipeline, service, target_table, finished_at, verdict, level, "
                        + "position, compared, different, report FROM sluice_control.validation_results WHERE pipeline = ? "
                        + "ORDER BY service, target_table, finished_at DESC",
                statement -> statement.setString(1, pipeline),
                row -> new ValidationResult(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getTimestamp(4).toInstant(),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getLong(8),
                        row.getLong(9),
                        row.getString(10)));
    }

    private interface Binding {
        void bind(PreparedStatement statement) throws SQLException;
    }

    private interface Reading<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> ask(String sql, Binding binding, Reading<T> reading) {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            binding.bind(statement);
            List<T> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(reading.read(rows));
                }
            }
            return found;
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}

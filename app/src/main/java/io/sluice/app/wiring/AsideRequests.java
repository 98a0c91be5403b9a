package io.sluice.app.wiring;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What operators want set aside of a strong service. It stands in the target, and stays: who asked, when, and what was done. */
public final class AsideRequests {

    private static final String UNDEFINED_TABLE = "42P01";

    private final String pipeline;
    private final String service;
    private final PostgresConnector target;

    public AsideRequests(Pipeline pipeline, ServiceSpec service) {
        this.pipeline = pipeline.name();
        this.service = service.name();
        this.target = PostgresConnector.of(service.target().connection(), "sluice-letters-" + pipeline.name());
    }

    /**
     * Asks; asking twice is asking once.
     *
     * @return whether it was done before
     */
    public boolean ask(String transaction, String position, String by) {
        try (Connection connection = target.open();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO sluice.set_aside "
                                + "(pipeline, service, transaction, position, asked_by) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
                PreparedStatement query =
                        connection.prepareStatement("SELECT done_at IS NOT NULL FROM sluice.set_aside "
                                + "WHERE pipeline = ? AND service = ? AND transaction = ? AND position = ?")) {
            bind(insert, transaction, position);
            insert.setString(5, by);
            insert.executeUpdate();
            bind(query, transaction, position);
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        } catch (SQLException e) {
            if (UNDEFINED_TABLE.equals(e.getSQLState())) {
                throw new HaltException(
                        "LEDGER_MISSING",
                        "the target's schema sluice is missing, or of an older version",
                        "target of service " + service,
                        "Start the pipeline with `run`, which prepares its targets.");
            }
            throw target.unreachable(e);
        }
    }

    private void bind(PreparedStatement statement, String transaction, String position) throws SQLException {
        statement.setString(1, pipeline);
        statement.setString(2, service);
        statement.setString(3, transaction);
        statement.setString(4, position);
    }
}

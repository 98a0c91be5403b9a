package io.sluice.sink;

import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.SeenTables;
import io.sluice.sink.sql.Holders;
import io.sluice.sink.sql.KeySpaces;
import io.sluice.sink.sql.OriginMark;
import io.sluice.sink.sql.TargetHazards;
import io.sluice.sink.sweep.SweepPolicy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A service's target as it is prepared: who connects to it, and what the pipeline file wants of its tables.
 *
 * @param admin who makes what is missing; the writer where the file names nobody else
 */
record ServiceTarget(
        String pipeline,
        ServiceSpec service,
        SeenTables seen,
        Holders holders,
        KeySpaces numbers,
        PostgresConnector writer,
        PostgresConnector admin) {

    static ServiceTarget of(Pipeline pipeline, ServiceSpec service) {
        TargetSpec target = service.target();
        String application = "sluice-prepare-" + pipeline.name() + "-" + service.name();
        PostgresConnector writer = PostgresConnector.of(target.connection(), application);
        return new ServiceTarget(
                pipeline.name(),
                service,
                new SeenTables(pipeline.name(), service.name()),
                new Holders(pipeline.name(), service.name()),
                new KeySpaces(pipeline.name(), service.name()),
                writer,
                target.admin()
                        .map(url -> new ConnectionSpec(
                                url,
                                Optional.empty(),
                                Optional.empty(),
                                target.connection().tls(),
                                target.connection().connectTimeout(),
                                target.connection().maxConnections(),
                                target.connection().place()))
                        .map(spec -> PostgresConnector.of(spec, application))
                        .orElse(writer));
    }

    /** Whether somebody else than the writer makes what is missing. */
    boolean hasAdmin() {
        return admin != writer;
    }

    WriteRules rules(TargetTable table) {
        return service.table(table).map(WriteRules::of).orElse(WriteRules.PLAIN);
    }

    boolean isSwept(TargetTable table) {
        return service.table(table)
                .filter(spec -> SweepPolicy.whyNot(spec).isEmpty())
                .isPresent();
    }

    /** Whether it is to be kept in step with its source. */
    boolean follows(TargetTable table) {
        return service.table(table)
                .filter(spec -> spec.onDrift() == DriftPolicy.ADD)
                .isPresent();
    }

    boolean hasApplied(Connection connection, TargetTable table, Supplier<String> clusterId) throws SQLException {
        Names names = new Names(pipeline);
        String topic = service.isStrong() ? names.rowsInOrder(service.name()) : names.rows(service.name(), table);
        return new Ledger(pipeline, service.name(), clusterId.get()).hasApplied(connection, topic);
    }

    /** Where one topic holds the rows of all tables, one of these may have joined after it was read from. */
    boolean wasThere(Connection connection, TargetTable table, Supplier<String> clusterId) throws SQLException {
        return hasApplied(connection, table, clusterId)
                && (!service.isStrong() || !isSwept(table) || seen.isKnown(connection, table));
    }

    List<Finding> hazards(Connection connection, Map<TargetTable, RowSchema> rows) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<TargetTable, RowSchema> each : rows.entrySet()) {
            findings.addAll(TargetHazards.warnings(connection, each.getKey(), each.getValue()));
        }
        if (!service.isStrong()) {
            Set<TargetTable> deletedFrom = rows.keySet().stream()
                    .filter(table -> rules(table).deletes() instanceof DeletePolicy.Hard)
                    .collect(Collectors.toSet());
            findings.addAll(TargetHazards.passedOn(connection, rows.keySet(), deletedFrom));
        }
        return findings;
    }

    /** @param connection of the writer */
    List<Finding> unmarkable(Connection connection) throws SQLException {
        return service.target().markOrigin()
                ? OriginMark.unsuitable(connection, "target of service " + service.name())
                : List.of();
    }

    String writerRole() {
        try (Connection connection = writer.open();
                Statement statement = connection.createStatement();
                ResultSet role = statement.executeQuery("SELECT current_user")) {
            role.next();
            return role.getString(1);
        } catch (SQLException e) {
            throw writer.unreachable(e);
        }
    }
}

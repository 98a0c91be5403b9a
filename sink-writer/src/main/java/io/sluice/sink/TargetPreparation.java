package io.sluice.sink;

import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.LedgerSchema;
import io.sluice.sink.ledger.SeenTables;
import io.sluice.sink.sql.KeySpaces;
import io.sluice.sink.sql.OriginMark;
import io.sluice.sink.sql.Preparation;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sql.TableExtras;
import io.sluice.sink.sql.TableGrowth;
import io.sluice.sink.sql.TargetHazards;
import io.sluice.sink.sql.TargetRights;
import io.sluice.sink.sql.TargetTables;
import io.sluice.sink.sweep.SweepPolicy;
import io.sluice.sink.timescale.Hypertables;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets a service's target ready before its sink starts. Uses the admin URL where the pipeline file gives one. */
public final class TargetPreparation {

    private static final Logger LOG = LoggerFactory.getLogger(TargetPreparation.class);

    private final String pipeline;
    private final ServiceSpec service;
    private final SeenTables seen;
    private final KeySpaces numbers;
    private final PostgresConnector writer;
    private final PostgresConnector admin;

    public TargetPreparation(Pipeline pipeline, ServiceSpec service) {
        TargetSpec target = service.target();
        String application = "sluice-prepare-" + pipeline.name() + "-" + service.name();
        this.pipeline = pipeline.name();
        this.service = service;
        this.seen = new SeenTables(pipeline.name(), service.name());
        this.numbers = new KeySpaces(pipeline.name(), service.name());
        this.writer = PostgresConnector.of(target.connection(), application);
        this.admin = target.admin()
                .map(url -> new ConnectionSpec(
                        url,
                        Optional.empty(),
                        Optional.empty(),
                        target.connection().tls(),
                        target.connection().connectTimeout(),
                        target.connection().maxConnections(),
                        target.connection().place()))
                .map(spec -> PostgresConnector.of(spec, application))
                .orElse(writer);
    }

    /** What is wrong with the target, seen as the writer sees it; changes nothing. */
    public List<Finding> check(Map<TargetTable, RowSchema> rows) {
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = writer.open()) {
            findings.addAll(unmarkable(connection));
            for (Map.Entry<TargetTable, RowSchema> each : rows.entrySet()) {
                findings.addAll(TargetTables.missing(connection, each.getKey(), each.getValue(), rules(each.getKey())));
                Optional<HypertableSpec> hypertable = rules(each.getKey()).hypertable();
                if (hypertable.isPresent() && !TargetTables.isMissing(connection, each.getKey())) {
                    findings.addAll(Hypertables.missing(connection, each.getKey(), each.getValue(), hypertable.get()));
                }
            }
            findings.addAll(hazards(connection, rows));
        } catch (SQLException e) {
            throw writer.unreachable(e);
        }
        return findings;
    }

    private List<Finding> hazards(Connection connection, Map<TargetTable, RowSchema> rows) throws SQLException {
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

    /**
     * Makes the ledger and the tables that are missing; says what is left to do by hand.
     *
     * @param clusterId of the Kafka that the rows come from; asked for only where a table is missing
     */
    public List<Finding> prepare(Map<TargetTable, RowSchema> rows, Supplier<String> clusterId) {
        return prepare(rows, Map.of(), clusterId);
    }

    /**
     * The same.
     *
     * @param extras what tables that are made here get besides their columns and keys
     */
    public List<Finding> prepare(
            Map<TargetTable, RowSchema> rows, Map<TargetTable, TableExtras> extras, Supplier<String> clusterId) {
        List<Finding> findings = new ArrayList<>(unmarkable());
        try (Connection connection = admin.open()) {
            LedgerSchema.prepare(connection);
            for (Map.Entry<TargetTable, RowSchema> each : rows.entrySet()) {
                follow(connection, each.getKey(), each.getValue(), clusterId);
                if (TargetTables.isMissing(connection, each.getKey())
                        && wasThere(connection, each.getKey(), clusterId)) {
                    findings.add(TargetTables.gone(each.getKey(), each.getValue(), rules(each.getKey())));
                    continue;
                }
                List<Finding> unsuitable = prepare(
                        connection,
                        each.getKey(),
                        each.getValue(),
                        extras.getOrDefault(each.getKey(), TableExtras.NONE));
                findings.addAll(unsuitable);
                if (unsuitable.stream().noneMatch(Finding::isError) && isSwept(each.getKey())) {
                    findings.addAll(seen.prepare(
                            connection, each.getKey(), each.getValue().keyColumns()));
                }
            }
            if (findings.stream().noneMatch(Finding::isError)) {
                findings.addAll(numbers.prepare(connection, service));
            }
            findings.addAll(hazards(connection, rows));
            if (admin != writer) {
                String role = writerRole();
                LedgerSchema.grant(connection, role);
                numbers.grant(connection, role);
                TargetRights.grant(connection, role, rows.keySet());
                for (TargetTable table : rows.keySet()) {
                    findings.addAll(TargetRights.missing(connection, role, table));
                }
            }
        } catch (SQLException e) {
            throw admin.unreachable(e);
        }
        return findings;
    }

    private List<Finding> prepare(Connection connection, TargetTable table, RowSchema rows, TableExtras extras)
            throws SQLException {
        WriteRules rules = rules(table);
        List<Finding> findings = new ArrayList<>(TargetTables.prepare(connection, table, rows, rules, extras));
        if (findings.stream().noneMatch(Finding::isError) && rules.hypertable().isPresent()) {
            findings.addAll(Hypertables.prepare(
                    connection, table, rows, rules.hypertable().get()));
        }
        return findings;
    }

    /** A table that we have written is kept in step with its source; one that was there before has to suit as it is. */
    private void follow(Connection connection, TargetTable table, RowSchema rows, Supplier<String> clusterId)
            throws SQLException {
        boolean followed = service.table(table)
                .filter(spec -> spec.onDrift() == DriftPolicy.ADD)
                .isPresent();
        TableGrowth.Look look = at -> TableGrowth.toTake(at, table, rows, rules(table));
        if (!followed || !look.at(connection).isAtHand() || !hasApplied(connection, table, clusterId)) {
            return;
        }
        try {
            TableGrowth growth = Preparation.alone(connection, () -> {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SET LOCAL lock_timeout = '5s'");
                }
                return TableGrowth.follow(connection, look);
            });
            LOG.info("The target follows its source: {}", growth.told());
        } catch (SQLException e) {
            if (SqlErrors.reaction(e) == SqlErrors.Reaction.RETRY) {
                throw e;
            }
            LOG.warn("The target can't follow its source ({})", SqlErrors.describe(e));
        }
    }

    private boolean hasApplied(Connection connection, TargetTable table, Supplier<String> clusterId)
            throws SQLException {
        Names names = new Names(pipeline);
        String topic = service.isStrong() ? names.rowsInOrder(service.name()) : names.rows(service.name(), table);
        return new Ledger(pipeline, service.name(), clusterId.get()).hasApplied(connection, topic);
    }

    /** Where one topic holds the rows of all tables, one of these may have joined after it was read from. */
    private boolean wasThere(Connection connection, TargetTable table, Supplier<String> clusterId) throws SQLException {
        return hasApplied(connection, table, clusterId)
                && (!service.isStrong() || !isSwept(table) || seen.isKnown(connection, table));
    }

    private List<Finding> unmarkable() {
        if (!service.target().markOrigin()) {
            return List.of();
        }
        try (Connection connection = writer.open()) {
            return unmarkable(connection);
        } catch (SQLException e) {
            throw writer.unreachable(e);
        }
    }

    private List<Finding> unmarkable(Connection connection) throws SQLException {
        return service.target().markOrigin()
                ? OriginMark.unsuitable(connection, "target of service " + service.name())
                : List.of();
    }

    private String writerRole() {
        try (Connection connection = writer.open();
                Statement statement = connection.createStatement();
                ResultSet role = statement.executeQuery("SELECT current_user")) {
            role.next();
            return role.getString(1);
        } catch (SQLException e) {
            throw writer.unreachable(e);
        }
    }

    private WriteRules rules(TargetTable table) {
        return service.table(table).map(WriteRules::of).orElse(WriteRules.PLAIN);
    }

    private boolean isSwept(TargetTable table) {
        return service.table(table)
                .filter(spec -> SweepPolicy.whyNot(spec).isEmpty())
                .isPresent();
    }
}

package io.sluice.sink;

import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.ledger.LedgerSchema;
import io.sluice.sink.ledger.SeenTables;
import io.sluice.sink.sql.Holders;
import io.sluice.sink.sql.KeySpaces;
import io.sluice.sink.sql.Preparation;
import io.sluice.sink.sql.SqlErrors;
import io.sluice.sink.sql.TableExtras;
import io.sluice.sink.sql.TableGrowth;
import io.sluice.sink.sql.TargetRights;
import io.sluice.sink.sql.TargetTables;
import io.sluice.sink.timescale.Hypertables;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets a service's target ready before its sink starts. Uses the admin URL where the pipeline file gives one. */
public final class TargetPreparation {

    private static final Logger LOG = LoggerFactory.getLogger(TargetPreparation.class);

    private final ServiceTarget target;
    private final ServiceSpec service;
    private final SeenTables seen;
    private final Holders holders;
    private final KeySpaces numbers;
    private final PostgresConnector writer;
    private final PostgresConnector admin;

    public TargetPreparation(Pipeline pipeline, ServiceSpec service) {
        this.target = ServiceTarget.of(pipeline, service);
        this.service = service;
        this.seen = target.seen();
        this.holders = target.holders();
        this.numbers = target.numbers();
        this.writer = target.writer();
        this.admin = target.admin();
    }

    /** What is wrong with the target, seen as the writer sees it; changes nothing. */
    public List<Finding> check(Map<TargetTable, RowSchema> rows) {
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = writer.open()) {
            findings.addAll(target.unmarkable(connection));
            for (Map.Entry<TargetTable, RowSchema> each : rows.entrySet()) {
                findings.addAll(
                        TargetTables.missing(connection, each.getKey(), each.getValue(), target.rules(each.getKey())));
                Optional<HypertableSpec> hypertable =
                        target.rules(each.getKey()).hypertable();
                if (hypertable.isPresent() && !TargetTables.isMissing(connection, each.getKey())) {
                    findings.addAll(Hypertables.missing(connection, each.getKey(), each.getValue(), hypertable.get()));
                }
            }
            findings.addAll(target.hazards(connection, rows));
        } catch (SQLException e) {
            throw writer.unreachable(e);
        }
        return findings;
    }

    /** What a start would find and make; changes nothing. */
    public Preflight look(
            Map<TargetTable, RowSchema> rows, Map<TargetTable, TableExtras> extras, Supplier<String> clusterId) {
        return new TargetLook(target, clusterId).run(rows, extras);
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
                        && target.wasThere(connection, each.getKey(), clusterId)) {
                    findings.add(TargetTables.gone(each.getKey(), each.getValue(), target.rules(each.getKey())));
                    continue;
                }
                List<Finding> unsuitable = prepare(
                        connection,
                        each.getKey(),
                        each.getValue(),
                        extras.getOrDefault(each.getKey(), TableExtras.NONE));
                findings.addAll(unsuitable);
                if (unsuitable.stream().noneMatch(Finding::isError)) {
                    findings.addAll(prepareNotes(
                            connection, each.getKey(), each.getValue().keyColumns()));
                }
            }
            if (findings.stream().noneMatch(Finding::isError)) {
                findings.addAll(numbers.prepare(connection, service));
            }
            findings.addAll(target.hazards(connection, rows));
            if (target.hasAdmin()) {
                String role = target.writerRole();
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

    /** Where it is noted which rows a load saw, and which source tables have a row. */
    private List<Finding> prepareNotes(Connection connection, TargetTable table, List<String> key) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        if (target.isSwept(table)) {
            findings.addAll(seen.prepare(connection, table, key));
        }
        if (target.rules(table).shared()) {
            List<String> sources = service.table(table).orElseThrow().from().stream()
                    .map(TableId::toString)
                    .toList();
            findings.addAll(holders.prepare(connection, table, key, sources));
        } else {
            holders.drop(connection, table);
        }
        return findings;
    }

    private List<Finding> prepare(Connection connection, TargetTable table, RowSchema rows, TableExtras extras)
            throws SQLException {
        WriteRules rules = target.rules(table);
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
        TableGrowth.Look look = at -> TableGrowth.toTake(at, table, rows, target.rules(table));
        if (!target.follows(table)
                || !look.at(connection).isAtHand()
                || !target.hasApplied(connection, table, clusterId)) {
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

    private List<Finding> unmarkable() {
        if (!service.target().markOrigin()) {
            return List.of();
        }
        try (Connection connection = writer.open()) {
            return target.unmarkable(connection);
        } catch (SQLException e) {
            throw writer.unreachable(e);
        }
    }
}

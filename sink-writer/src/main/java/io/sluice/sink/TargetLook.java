package io.sluice.sink;

import io.sluice.platform.postgres.PostgresServer;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.ledger.LedgerLook;
import io.sluice.sink.ledger.LedgerSchema;
import io.sluice.sink.sql.CreationRights;
import io.sluice.sink.sql.KeySpaceLook;
import io.sluice.sink.sql.TableExtras;
import io.sluice.sink.sql.TableLook;
import io.sluice.sink.sql.TargetConstraints;
import io.sluice.sink.sql.TargetRights;
import io.sluice.sink.sql.TargetTables;
import io.sluice.sink.timescale.Hypertables;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What {@link TargetPreparation} would find and make, told before anything is made; only reads. */
final class TargetLook {

    private final ServiceTarget target;
    private final Supplier<String> clusterId;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Creation> creations = new ArrayList<>();

    TargetLook(ServiceTarget target, Supplier<String> clusterId) {
        this.target = target;
        this.clusterId = clusterId;
    }

    Preflight run(Map<TargetTable, RowSchema> rows, Map<TargetTable, TableExtras> extras) {
        try (Connection connection = target.writer().open()) {
            version(connection);
            findings.addAll(target.unmarkable(connection));
        } catch (SQLException e) {
            throw target.writer().unreachable(e);
        }
        String place = "target of service " + target.service().name();
        try (Connection connection = target.admin().open()) {
            look(connection, rows, extras);
        } catch (SQLException e) {
            throw target.admin().unreachable(e);
        }
        return new Preflight(
                findings, creations.stream().map(each -> each.at(place)).toList());
    }

    private void version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT current_setting('server_version_num')::int,"
                        + " current_setting('server_version'), pg_is_in_recovery()")) {
            found.next();
            String place = target.writer().address();
            if (found.getInt(1) < PostgresServer.LEAST_VERSION) {
                findings.add(Finding.error(
                        place, "PostgreSQL " + found.getString(2) + " is too old", "Use version 13 or newer."));
            } else if (found.getInt(1) >= PostgresServer.UNTRIED_VERSION) {
                findings.add(Finding.warning(
                        place,
                        "PostgreSQL " + found.getString(2) + " is newer than all that Sluice is tried with",
                        "Try it with a copy first."));
            }
            if (found.getBoolean(3)) {
                findings.add(Finding.error(
                        place, "the server is a standby, which takes no rows", "Give the primary's address."));
            }
        }
    }

    private void look(Connection connection, Map<TargetTable, RowSchema> rows, Map<TargetTable, TableExtras> extras)
            throws SQLException {
        LedgerLook ledger = LedgerLook.of(connection);
        add(ledger.preflight());
        for (Map.Entry<TargetTable, RowSchema> each : rows.entrySet()) {
            table(connection, ledger, each.getKey(), each.getValue(), extras);
        }
        add(new KeySpaceLook(connection, target.pipeline(), target.service().name())
                .run(target.service(), ledger.usable()));
        findings.addAll(target.hazards(connection, rows));
        findings.addAll(new TargetConstraints(connection, rows, target.service().isStrong()).findings());
        if (target.hasAdmin()) {
            grants(connection, ledger, rows);
        }
    }

    private void table(
            Connection connection,
            LedgerLook ledger,
            TargetTable table,
            RowSchema rows,
            Map<TargetTable, TableExtras> extras)
            throws SQLException {
        WriteRules rules = target.rules(table);
        boolean exists = !TargetTables.isMissing(connection, table);
        if (!exists && ledger.usable() && target.wasThere(connection, table, clusterId)) {
            findings.add(TargetTables.gone(table, rows, rules));
            return;
        }
        boolean grows = ledger.usable() && target.follows(table) && target.hasApplied(connection, table, clusterId);
        Preflight looked =
                TableLook.of(connection, table, rows, rules, extras.getOrDefault(table, TableExtras.NONE), grows);
        add(looked);
        if (looked.isFatal()) {
            return;
        }
        Optional<HypertableSpec> hypertable = rules.hypertable();
        if (hypertable.isPresent()) {
            add(Hypertables.look(connection, table, rows, hypertable.get(), exists));
        }
        if (target.isSwept(table) && !(ledger.usable() && target.seen().isKnown(connection, table))) {
            if (ledger.usable()) {
                findings.addAll(CreationRights.lacking(connection, "sluice"));
            }
            creations.add(Creation.told(
                    Creation.Kind.LEDGER, "", "a table seen_N in schema sluice", "for the keys of loads of " + table));
        }
    }

    /** What the writer is given by somebody else. */
    private void grants(Connection connection, LedgerLook ledger, Map<TargetTable, RowSchema> rows)
            throws SQLException {
        String role = target.writerRole();
        List<String> own = ledger.usable()
                ? LedgerSchema.missingGrants(connection, role)
                : ledger.preflight().isFatal() ? List.of() : LedgerSchema.grants(role);
        if (!own.isEmpty()) {
            creations.add(new Creation(Creation.Kind.GRANT, "", "rights of " + role + " on schema sluice", "", own));
        }
        for (TargetTable table : rows.keySet()) {
            if (!TargetTables.isMissing(connection, table)) {
                add(TargetRights.look(connection, role, table));
            } else {
                creations.add(new Creation(
                        Creation.Kind.GRANT,
                        "",
                        "rights of " + role + " on " + table,
                        "",
                        TargetRights.all(role, table)));
            }
        }
    }

    private void add(Preflight found) {
        findings.addAll(found.findings());
        creations.addAll(found.creations());
    }
}

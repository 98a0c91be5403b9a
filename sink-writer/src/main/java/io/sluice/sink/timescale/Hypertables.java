package io.sluice.sink.timescale;

import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.sink.sql.Preparation;
import io.sluice.sink.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes target tables hypertables, and says where they are not what the pipeline file asks for. */
public final class Hypertables {

    private static final String EXTENSION = "CREATE EXTENSION timescaledb";

    private Hypertables() {}

    /**
     * Makes an existing table a hypertable with all that belongs to it, where that is missing; commits.
     *
     * @param connection in any state but inside a transaction
     * @return what remains to be done by hand
     */
    public static List<Finding> prepare(Connection connection, TargetTable table, RowSchema rows, HypertableSpec spec)
            throws SQLException {
        List<Finding> impossible = HypertablePlan.impossible(table, rows, spec);
        if (!impossible.isEmpty()) {
            return impossible;
        }
        return Preparation.alone(connection, () -> {
            Optional<Edition> edition = Edition.of(connection);
            if (edition.isEmpty()) {
                List<Finding> missing = run(connection, extension(connection, table));
                if (!missing.isEmpty()) {
                    return missing;
                }
                edition = Edition.of(connection);
            }
            HypertableState state = HypertableState.read(connection, table);
            HypertablePlan plan = HypertablePlan.of(table, rows, spec, edition.orElseThrow(), state);
            List<Finding> findings = new ArrayList<>(plan.findings());
            findings.addAll(run(connection, plan.steps()));
            return findings;
        });
    }

    /** What an existing table lacks; changes nothing. */
    public static List<Finding> missing(Connection connection, TargetTable table, RowSchema rows, HypertableSpec spec)
            throws SQLException {
        List<Finding> findings = new ArrayList<>(HypertablePlan.impossible(table, rows, spec));
        if (!findings.isEmpty()) {
            return findings;
        }
        Optional<Edition> edition = Edition.of(connection);
        List<HypertablePlan.Step> undone;
        if (edition.isEmpty()) {
            undone = extension(connection, table);
        } else {
            HypertablePlan plan =
                    HypertablePlan.of(table, rows, spec, edition.get(), HypertableState.read(connection, table));
            findings.addAll(plan.findings());
            undone = plan.steps();
        }
        undone.forEach(step -> findings.add(step.undone()));
        return findings;
    }

    /**
     * What {@link #prepare} would make of a table, and what would be left to do by hand; changes nothing.
     *
     * @param exists whether the table is there yet
     */
    public static Preflight look(
            Connection connection, TargetTable table, RowSchema rows, HypertableSpec spec, boolean exists)
            throws SQLException {
        List<Finding> impossible = HypertablePlan.impossible(table, rows, spec);
        if (!impossible.isEmpty()) {
            return Preflight.found(impossible);
        }
        Optional<Edition> edition = Edition.of(connection);
        if (edition.isEmpty()) {
            List<HypertablePlan.Step> extension = extension(connection, table);
            return Edition.isAvailable(connection)
                    ? new Preflight(List.of(), List.of(creation(table, extension)))
                    : Preflight.found(
                            extension.stream().map(HypertablePlan.Step::undone).toList());
        }
        HypertableState state = exists ? HypertableState.read(connection, table) : HypertableState.NEW;
        HypertablePlan plan = HypertablePlan.of(table, rows, spec, edition.get(), state);
        return new Preflight(
                plan.findings(), plan.steps().isEmpty() ? List.of() : List.of(creation(table, plan.steps())));
    }

    private static Creation creation(TargetTable table, List<HypertablePlan.Step> steps) {
        return new Creation(
                Creation.Kind.HYPERTABLE,
                "",
                "hypertable " + table,
                "",
                steps.stream().map(HypertablePlan.Step::sql).toList());
    }

    private static List<HypertablePlan.Step> extension(Connection connection, TargetTable table) throws SQLException {
        String place = "table " + table;
        Finding undone = Edition.isAvailable(connection)
                ? Finding.error(place, "its database has not got the extension timescaledb", "Run: " + EXTENSION)
                : Finding.error(
                        place,
                        "its server has no TimescaleDB, and a hypertable needs it",
                        "Install TimescaleDB there, or make the table a plain one by leaving `hypertable:` out.");
        return List.of(new HypertablePlan.Step(EXTENSION, undone));
    }

    /** Stops at what the server refuses, and says why: a step builds on those before it. */
    private static List<Finding> run(Connection connection, List<HypertablePlan.Step> steps) throws SQLException {
        for (HypertablePlan.Step step : steps) {
            Savepoint before = connection.setSavepoint();
            try (Statement statement = connection.createStatement()) {
                statement.execute(step.sql());
            } catch (SQLException e) {
                if (SqlErrors.reaction(e) == SqlErrors.Reaction.RETRY) {
                    throw e;
                }
                connection.rollback(before);
                return List.of(new Finding(
                        step.undone().severity(),
                        step.undone().place(),
                        step.undone().problem() + " (" + SqlErrors.describe(e) + ")",
                        step.undone().remedy()));
            }
            connection.releaseSavepoint(before);
        }
        return List.of();
    }
}

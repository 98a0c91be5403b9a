package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.WriteRules;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What would be made of one target table, and what it lacks then; only reads. */
public final class TableLook {

    private TableLook() {}

    /**
     * Looks at a table through the eyes of whoever would make it.
     *
     * @param extras what it gets besides, if it is made
     * @param grows whether it is kept in step with its source
     */
    public static Preflight of(
            Connection connection,
            TargetTable table,
            RowSchema rows,
            WriteRules rules,
            TableExtras extras,
            boolean grows)
            throws SQLException {
        Optional<TargetShape> shape = TargetShape.read(connection, table);
        if (shape.isEmpty()) {
            return missing(connection, table, rows, rules, extras);
        }
        if (grows) {
            TableGrowth growth = TableGrowth.toTake(connection, table, rows, rules);
            if (growth.isAtHand()) {
                return new Preflight(
                        TargetTables.unsuitable(connection, TableGrowth.taken(shape.get(), rows), rows, rules),
                        List.of(Creation.of(
                                Creation.Kind.CHANGE, "", "table " + table + " as its source", growth.statement())));
            }
        }
        return Preflight.found(TargetTables.unsuitable(connection, shape.get(), rows, rules));
    }

    private static Preflight missing(
            Connection connection, TargetTable table, RowSchema rows, WriteRules rules, TableExtras extras)
            throws SQLException {
        List<Finding> findings = new ArrayList<>(TargetTables.uncreatable(connection, table, rows, rules));
        findings.addAll(CreationRights.lacking(connection, table.schema()));
        if (!findings.isEmpty()) {
            return Preflight.found(findings);
        }
        List<Creation> creations = new ArrayList<>();
        if (!TargetTables.schemaExists(connection, table.schema())) {
            creations.add(Creation.of(
                    Creation.Kind.SCHEMA,
                    "",
                    "schema " + table.schema(),
                    "CREATE SCHEMA IF NOT EXISTS " + Identifiers.quoted(table.schema())));
        }
        creations.add(Creation.of(Creation.Kind.TABLE, "", "table " + table, TargetTables.ddl(table, rows, rules)));
        if (!extras.now().isEmpty()) {
            creations.add(new Creation(
                    Creation.Kind.INDEX, "", "indexes of " + table + ", as its source has them", "", extras.now()));
        }
        return new Preflight(extras.told(table), creations);
    }
}

package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.PostgresTypes;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.decode.Relation;
import io.sluice.source.decode.TableHaltException;
import io.sluice.source.position.TableState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a table's rows look like in the log. Columns and types come from the log alone, for the catalog may be ahead of it; only
 * what the log does not say, whether a column may be null, is looked up.
 */
final class LogRows {

    private static final String UNDEFINED_OBJECT = "42704";

    private LogRows() {}

    /** @throws TableHaltException if the log no longer tells the rows apart as it did when the table was loaded */
    static RowSchema of(PostgresCatalog catalog, Relation relation, TableState state) throws SQLException {
        RowSchema row = row(catalog, relation, state);
        checkKey(relation, row, state);
        return row;
    }

    private static RowSchema row(PostgresCatalog catalog, Relation relation, TableState state) throws SQLException {
        Optional<PostgresTable> now = catalog.read(Integer.toUnsignedLong(relation.oid()));
        List<Column> columns = new ArrayList<>();
        for (Relation.RelationColumn column : relation.columns()) {
            PostgresTypes.Resolved resolved = resolve(catalog.types(), column);
            Column known = now.map(PostgresTable::row)
                    .map(row -> row.indexOf(column.name()) < 0 ? null : row.column(row.indexOf(column.name())))
                    .orElse(null);
            // The log does not say how many dimensions an array was declared with.
            LogicalType type =
                    known != null && known.declared().equals(resolved.declared()) ? known.type() : resolved.type();
            columns.add(new Column(column.name(), type, resolved.declared(), known == null || known.nullable()));
        }
        List<String> key = new ArrayList<>();
        for (String part : state.key()) {
            String name = TableKeys.name(part);
            if (columns.stream().noneMatch(column -> column.name().equals(name))) {
                throw keyChanged(state.table());
            }
            key.add(name);
        }
        return new RowSchema(relation.name(), columns, key);
    }

    /** A type may be gone by now; its values in the log are text all the same. */
    private static PostgresTypes.Resolved resolve(PostgresTypes types, Relation.RelationColumn column)
            throws SQLException {
        try {
            return types.resolve(column.type(), column.modifier(), 0);
        } catch (SQLException e) {
            if (UNDEFINED_OBJECT.equals(e.getSQLState())) {
                return new PostgresTypes.Resolved(new LogicalType.Native("dropped"), "text");
            }
            throw e;
        }
    }

    private static void checkKey(Relation relation, RowSchema row, TableState state) {
        if (!TableKeys.of(row).equals(state.key())) {
            throw keyChanged(state.table());
        }
        Set<String> identifying = new HashSet<>();
        relation.columns().stream()
                .filter(Relation.RelationColumn::identifies)
                .forEach(column -> identifying.add(column.name()));
        boolean named = relation.identity() == 'f' || identifying.equals(new HashSet<>(row.keyColumns()));
        if (relation.identity() == 'n' || !named) {
            throw keyChanged(state.table());
        }
    }

    private static TableHaltException keyChanged(TableId id) {
        return new TableHaltException(
                id,
                new HaltException(
                        "KEY_CHANGED",
                        "the columns by which the log identifies a row are no longer those that the table was loaded with",
                        "table " + id,
                        "Set the primary key or replica identity back, then read the table again with "
                                + TablePlan.backfillCommand(id)
                                + ". To keep the new key, start a new epoch with `sluice run FILE --new-epoch "
                                + id.source() + "`."));
    }
}

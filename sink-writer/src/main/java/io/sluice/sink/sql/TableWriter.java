package io.sluice.sink.sql;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Write;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PgArray;

/**
 * Does the writes of a batch, inside the transaction that the caller has begun.
 *
 * <p>Keeps what it learned of the tables until it is told to {@link #forget}. Belongs to one thread.
 */
public final class TableWriter {

    private final BinaryArray array = new BinaryArray();
    private final Map<TargetTable, TargetShape> shapes = new HashMap<>();
    private final Map<Rows, TableStatements> statements = new HashMap<>();
    private final Map<Rows, SetStatement> deletes = new HashMap<>();

    private final Map<Noted, SetStatement> notes = new HashMap<>();

    private record Noted(String into, RowSchema keySchema) {}

    private record Rows(TargetTable table, RowSchema schema) {}

    private interface Values {
        @Nullable
        Object value(int row, int column);
    }

    /**
     * Does one write; says how many rows it changed.
     *
     * @throws HaltException if the table does not suit, or a row that should be there is not
     */
    public int apply(Connection connection, Write write) throws SQLException {
        if (write instanceof Write.Upserts upserts) {
            TableStatements of = statements(connection, upserts.table(), upserts.schema());
            SetStatement statement = upserts.anew() ? of.upsertAnew() : of.upsert();
            return execute(connection, statement, upserts.size(), (row, column) -> upserts.rows()
                    .get(row)
                    .value(column));
        }
        if (write instanceof Write.Updates updates) {
            return update(connection, updates);
        }
        Write.Deletes going = (Write.Deletes) write;
        return execute(connection, delete(connection, going), going.size(), (row, column) -> going.keys()
                .get(row)
                .part(column));
    }

    /**
     * Notes in another table, of the same columns under other names, that a load saw these keys of this one.
     *
     * @param into the table, quoted; its first column is the load, the others are the key's in the order of {@code columns}
     */
    public void note(
            Connection connection,
            String into,
            long load,
            List<String> columns,
            TargetTable table,
            RowSchema keySchema,
            List<Key> keys)
            throws SQLException {
        Noted noted = new Noted(into, keySchema);
        SetStatement statement = notes.get(noted);
        if (statement == null) {
            TargetShape shape = shape(connection, table);
            refuse(TargetTables.missingColumns(connection, shape, keySchema));
            statement = TableStatements.note(shape, keySchema, into, columns);
            notes.put(noted, statement);
        }
        execute(
                connection,
                statement,
                keys.size(),
                (row, column) -> column < keySchema.size() ? keys.get(row).part(column) : (Object) load);
    }

    private int update(Connection connection, Write.Updates updates) throws SQLException {
        Optional<SetStatement> statement =
                statements(connection, updates.table(), updates.schema()).update(updates.known());
        if (statement.isEmpty()) {
            return 0;
        }
        int updated = execute(connection, statement.get(), updates.size(), (row, column) -> updates.rows()
                .get(row)
                .value(column));
        if (updated != updates.size()) {
            throw new HaltException(
                    "ROW_MISSING",
                    (updates.size() - updated)
                            + " changes that carry only some columns are for rows that are not there",
                    "table " + updates.table(),
                    "Something else deleted rows of this table, or it was restored to an older state. Load the table again: "
                            + "a new epoch of its source brings every row whole.");
        }
        return updated;
    }

    private int execute(Connection connection, SetStatement statement, int rows, Values values) throws SQLException {
        BaseConnection base = connection.unwrap(BaseConnection.class);
        try (PreparedStatement prepared = connection.prepareStatement(statement.sql())) {
            int place = 0;
            for (SetStatement.Parameter parameter : statement.parameters()) {
                ColumnEncoder encoder = parameter.encoder();
                array.begin(encoder.elementOid());
                for (int row = 0; row < rows; row++) {
                    Object value = values.value(row, parameter.index());
                    if (value == null) {
                        array.addNull();
                    } else {
                        encoder.element().write(value, array);
                    }
                }
                prepared.setArray(++place, new PgArray(base, encoder.arrayOid(), array.finish()));
            }
            return prepared.executeUpdate();
        }
    }

    private TableStatements statements(Connection connection, TargetTable table, RowSchema schema) throws SQLException {
        Rows rows = new Rows(table, schema);
        TableStatements known = statements.get(rows);
        if (known == null) {
            TargetShape shape = shape(connection, table);
            refuse(TargetTables.unsuitable(connection, shape, schema));
            known = new TableStatements(shape, schema);
            statements.put(rows, known);
        }
        return known;
    }

    private SetStatement delete(Connection connection, Write.Deletes deletion) throws SQLException {
        Rows rows = new Rows(deletion.table(), deletion.keySchema());
        SetStatement known = deletes.get(rows);
        if (known == null) {
            TargetShape shape = shape(connection, deletion.table());
            refuse(TargetTables.missingColumns(connection, shape, deletion.keySchema()));
            known = TableStatements.delete(shape, deletion.keySchema());
            deletes.put(rows, known);
        }
        return known;
    }

    private TargetShape shape(Connection connection, TargetTable table) throws SQLException {
        TargetShape known = shapes.get(table);
        if (known == null) {
            known = TargetShape.read(connection, table).orElseThrow(() -> TargetTables.absent(table));
            shapes.put(table, known);
        }
        return known;
    }

    private static void refuse(List<Finding> findings) {
        for (Finding finding : findings) {
            if (finding.severity() == Finding.Severity.ERROR) {
                throw new HaltException("TARGET_UNSUITABLE", finding.problem(), finding.place(), finding.remedy());
            }
        }
    }

    /** Someone may have changed the tables. */
    public void forget() {
        shapes.clear();
        statements.clear();
        deletes.clear();
        notes.clear();
    }
}

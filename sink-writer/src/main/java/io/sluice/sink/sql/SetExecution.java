package io.sluice.sink.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PgArray;

/** Runs statements over many rows at once. Belongs to one thread. */
final class SetExecution {

    /** What TimescaleDB answers where a statement would decompress more rows than one may. */
    private static final String TOO_MUCH_AT_ONCE = "53400";

    private static final String NO_LIMIT =
            "SELECT set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true)";

    private final BinaryArray array = new BinaryArray();

    /** What stands where. */
    interface Values {
        @Nullable
        Object value(int row, int column);
    }

    int count(Connection connection, SetStatement statement, int rows, Values values) throws SQLException {
        try (PreparedStatement prepared = prepare(connection, statement, rows, values);
                ResultSet counted = prepared.executeQuery()) {
            counted.next();
            return counted.getInt(1);
        }
    }

    /** Numbers, as many as the statement finds. */
    List<Long> numbers(Connection connection, SetStatement statement, int rows, Values values) throws SQLException {
        List<Long> numbers = new ArrayList<>();
        try (PreparedStatement prepared = prepare(connection, statement, rows, values);
                ResultSet found = prepared.executeQuery()) {
            while (found.next()) {
                numbers.add(found.getLong(1));
            }
        }
        return numbers;
    }

    int execute(Connection connection, SetStatement statement, int rows, Values values) throws SQLException {
        try (PreparedStatement prepared = prepare(connection, statement, rows, values)) {
            return prepared.executeUpdate();
        }
    }

    /**
     * As {@link #execute}; what is too much for one statement is done by several. Rows that came late may lie in compressed
     * chunks, and a statement may decompress only so many.
     */
    int executeInParts(Connection connection, SetStatement statement, int rows, Values values) throws SQLException {
        Savepoint before = connection.setSavepoint();
        int done;
        try {
            done = execute(connection, statement, rows, values);
        } catch (SQLException e) {
            if (!TOO_MUCH_AT_ONCE.equals(e.getSQLState())) {
                throw e;
            }
            connection.rollback(before);
            done = inHalves(connection, statement, rows, values);
        }
        connection.releaseSavepoint(before);
        return done;
    }

    private int inHalves(Connection connection, SetStatement statement, int rows, Values values) throws SQLException {
        if (rows == 1) {
            // One row can't be divided; what it shares a segment with has to be decompressed with it.
            try (PreparedStatement lift = connection.prepareStatement(NO_LIMIT)) {
                lift.execute();
            }
            return execute(connection, statement, rows, values);
        }
        int half = rows / 2;
        return executeInParts(connection, statement, half, values)
                + executeInParts(connection, statement, rows - half, (row, column) -> values.value(half + row, column));
    }

    private PreparedStatement prepare(Connection connection, SetStatement statement, int rows, Values values)
            throws SQLException {
        BaseConnection base = connection.unwrap(BaseConnection.class);
        PreparedStatement prepared = connection.prepareStatement(statement.sql());
        try {
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
            return prepared;
        } catch (SQLException | RuntimeException e) {
            prepared.close();
            throw e;
        }
    }
}

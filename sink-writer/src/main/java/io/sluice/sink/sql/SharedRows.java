package io.sluice.sink.sql;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Write;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps which source tables have the rows of targets that several of them share. Belongs to one thread. */
final class SharedRows {

    private final SetExecution execution;
    private final @Nullable Holders holders;
    private final Map<TargetTable, HolderTable> tables = new HashMap<>();
    private final Map<Of, SetStatement> statements = new HashMap<>();

    private record Of(TargetTable table, RowSchema keySchema, boolean has) {}

    /** @param holders null where no target is shared */
    SharedRows(SetExecution execution, @Nullable Holders holders) {
        this.execution = execution;
        this.holders = holders;
    }

    @Nullable
    Holders holders() {
        return holders;
    }

    HolderTable of(Connection connection, TargetTable table) throws SQLException {
        HolderTable known = tables.get(table);
        if (known == null) {
            Holders all = holders;
            if (all == null) {
                throw new IllegalStateException("nobody keeps who has the rows of " + table);
            }
            known = all.require(connection, table);
            tables.put(table, known);
        }
        return known;
    }

    /** Notes who has these rows, or has them no more. */
    void note(Connection connection, Write.Holders noted, TargetShape shape) throws SQLException {
        HolderTable table = of(connection, noted.table());
        long source = number(table, noted.source());
        table.share(connection);
        Of of = new Of(noted.table(), noted.keySchema(), noted.has());
        SetStatement statement = statements.get(of);
        if (statement == null) {
            statement = noted.has()
                    ? TableStatements.note(shape, noted.keySchema(), table.name(), table.keyColumns())
                    : TableStatements.forget(shape, noted.keySchema(), table.name(), table.keyColumns());
            statements.put(of, statement);
        }
        int parts = noted.keySchema().size();
        execution.execute(
                connection,
                statement,
                noted.size(),
                (row, column) -> column < parts ? noted.keys().get(row).part(column) : (Object) source);
    }

    /** Deletes the rows that only this source table has. */
    int empty(Connection connection, TargetTable table, String source) throws SQLException {
        HolderTable of = of(connection, table);
        of.share(connection);
        return of.empty(connection, number(of, source));
    }

    /** No row is left that anybody could have. */
    void forgetAll(Connection connection, TargetTable table) throws SQLException {
        HolderTable of = of(connection, table);
        of.share(connection);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM " + of.name());
        }
    }

    /** What keeps a row of the table from being deleted: nothing, or that some source table has it. */
    Optional<String> condition(Connection connection, TargetTable table, boolean shared) throws SQLException {
        return shared ? Optional.of(of(connection, table).nobodyHas()) : Optional.empty();
    }

    private static int number(HolderTable table, String source) {
        Integer number = table.source(source);
        if (number == null) {
            throw new HaltException(
                    "RECORD_UNREADABLE",
                    "a row comes from " + source + ", which is no source of its table",
                    "table " + table.table(),
                    "Start the pipeline with `run`, which prepares its targets for the sources that the file names.");
        }
        return number;
    }

    void forget() {
        tables.clear();
        statements.clear();
    }
}

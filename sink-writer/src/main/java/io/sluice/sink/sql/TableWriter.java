package io.sluice.sink.sql;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteRules;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Does the writes of a batch, inside the transaction that the caller has begun.
 *
 * <p>Keeps what it learned of the tables until it is told to {@link #forget}. Belongs to one thread.
 */
public final class TableWriter {

    private final SetExecution execution = new SetExecution();
    private final Map<TargetTable, TargetShape> shapes = new HashMap<>();
    private final Map<Rows, TableStatements> statements = new HashMap<>();
    private final Map<Rows, SetStatement> deletes = new HashMap<>();

    private final Map<Rows, SetStatement> marks = new HashMap<>();
    private final Map<Noted, SetStatement> notes = new HashMap<>();
    private final Map<Rows, List<SetStatement>> numberings = new HashMap<>();
    private final Map<TargetTable, WriteRules> rules;
    private final @Nullable KeySpaces numbers;
    private final RowChecks checks = new RowChecks(this);
    private final SharedRows shared;

    /** @param rules of each table; plain ones for those that are not among them */
    public TableWriter(Map<TargetTable, WriteRules> rules) {
        this(rules, null);
    }

    /** @param numbers those that the target gives; null where it gives none */
    public TableWriter(Map<TargetTable, WriteRules> rules, @Nullable KeySpaces numbers) {
        this(rules, numbers, null);
    }

    /**
     * A writer of tables that need more than their rows.
     *
     * @param numbers those that the target gives; null where it gives none
     * @param holders where it is kept which source tables have the rows of shared tables; null where none is shared
     */
    public TableWriter(Map<TargetTable, WriteRules> rules, @Nullable KeySpaces numbers, @Nullable Holders holders) {
        this.rules = Map.copyOf(rules);
        this.numbers = numbers;
        this.shared = new SharedRows(execution, holders);
    }

    /** One that writes what a person has decided on, whatever the target has. */
    public TableWriter overruling() {
        Map<TargetTable, WriteRules> overruled = new HashMap<>(rules);
        overruled.replaceAll((table, of) -> of.overruled());
        return new TableWriter(overruled, numbers, shared.holders());
    }

    /** Asks about rows instead of writing them. */
    public RowChecks checks() {
        return checks;
    }

    /**
     * What a write has done.
     *
     * @param rows how many rows it changed
     * @param conflicts how many rows the target had a newer version of, where the table's rules ask for that
     */
    public record Done(int rows, int conflicts) {}

    private record Noted(String into, RowSchema keySchema) {}

    private record Rows(TargetTable table, RowSchema schema) {}

    /**
     * Does one write.
     *
     * @throws HaltException if the table does not suit, or a row that should be there is not
     */
    public Done apply(Connection connection, Write write) throws SQLException {
        if (write instanceof Write.Upserts upserts) {
            return upsert(connection, upserts);
        }
        if (write instanceof Write.Updates updates) {
            return update(connection, updates);
        }
        if (write instanceof Write.Emptying emptying) {
            return new Done(empty(connection, emptying), 0);
        }
        if (write instanceof Write.Holders noted) {
            number(connection, noted.table(), noted.keySchema(), noted.size(), (row, column) -> noted.keys()
                    .get(row)
                    .part(column));
            shared.note(connection, noted, shape(connection, noted.table()));
            return new Done(0, 0);
        }
        if (write instanceof Write.Replacements replacements) {
            replace(connection, replacements);
            return new Done(0, 0);
        }
        if (write instanceof Write.Marks going) {
            SetExecution.Values values =
                    (row, column) -> column < going.keySchema().size()
                            ? going.keys().get(row).part(column)
                            : going.micros().get(row);
            return new Done(execute(connection, going.table(), mark(connection, going), going.size(), values), 0);
        }
        return delete(connection, (Write.Deletes) write);
    }

    private Done delete(Connection connection, Write.Deletes going) throws SQLException {
        SetExecution.Values values = (row, column) -> going.keys().get(row).part(column);
        int deleted = execute(connection, going.table(), deletion(connection, going), going.size(), values);
        TargetShape shape = shape(connection, going.table());
        if (deleted < going.size()
                && shape.meddled()
                && execution.count(
                                connection,
                                TableStatements.countKeys(shape, going.keySchema(), unheld(connection, going.table())),
                                going.size(),
                                values)
                        > 0) {
            throw vetoed("deleted");
        }
        return new Done(deleted, 0);
    }

    /** As if the trigger had refused the row by an error of its own. */
    private static SQLException vetoed(String done) {
        return new SQLException("a trigger of the table kept rows from being " + done, SqlErrors.VETOED);
    }

    /** Whether the target has to give numbers to what the write brings. */
    public static boolean isNumbered(Write write) {
        return write instanceof Write.Upserts upserts
                ? NumberedColumn.isAmong(upserts.schema())
                : write instanceof Write.Updates updates && NumberedColumn.isAmong(updates.schema());
    }

    /**
     * Gives numbers to what the write names and has none. Done in a transaction of its own ahead of the write's, nobody who needs
     * one of these numbers has to wait for that; the write itself does it where it was not done.
     */
    public void number(Connection connection, Write write) throws SQLException {
        if (write instanceof Write.Upserts upserts) {
            number(connection, upserts.table(), upserts.schema(), upserts.rows());
        } else if (write instanceof Write.Updates updates) {
            number(connection, updates.table(), updates.schema(), updates.rows());
        } else if (write instanceof Write.Replacements replacements) {
            number(connection, replacements.table(), replacements.schema(), replacements.rows());
        }
    }

    private void number(Connection connection, TargetTable table, RowSchema schema, List<Row> rows)
            throws SQLException {
        number(connection, table, schema, rows.size(), (row, column) -> {
            Object name = rows.get(row).value(column);
            return name == Unchanged.UNCHANGED ? null : name;
        });
    }

    private void number(Connection connection, TargetTable table, RowSchema schema, int rows, SetExecution.Values names)
            throws SQLException {
        for (SetStatement numbering : numberings(connection, table, schema)) {
            execution.execute(connection, numbering, rows, names);
        }
    }

    private List<SetStatement> numberings(Connection connection, TargetTable table, RowSchema schema)
            throws SQLException {
        Rows rows = new Rows(table, schema);
        List<SetStatement> known = numberings.get(rows);
        if (known == null) {
            known = numbers == null ? List.of() : numbers.numberings(connection, table, schema);
            numberings.put(rows, known);
        }
        return known;
    }

    private Done upsert(Connection connection, Write.Upserts upserts) throws SQLException {
        TableStatements of = statements(connection, upserts.table(), upserts.schema());
        number(connection, upserts);
        SetExecution.Values values = (row, column) -> upserts.rows().get(row).value(column);
        if (upserts.anew()) {
            int made = execute(connection, upserts.table(), of.upsertAnew(), upserts.size(), values);
            requireWritten(connection, upserts, of, made);
            return new Done(made, 0);
        }
        WriteRules asked = rules(upserts.table());
        Optional<String> watched = asked.watched();
        int newer = watched.isEmpty()
                ? 0
                : execution.count(connection, of.countNewer(watched.get()), upserts.size(), values);
        int changed = execute(connection, upserts.table(), of.upsert(), upserts.size(), values);
        requireWritten(connection, upserts, of, changed);
        if (changed < upserts.size() && asked.decided().isPresent() && of.overwrites()) {
            throw notWritten(connection, upserts, asked.decided().get());
        }
        return new Done(changed, asked.latest().isPresent() ? upserts.size() - changed : newer);
    }

    private SQLException notWritten(Connection connection, Write.Upserts upserts, String by) throws SQLException {
        boolean vetoed = shape(connection, upserts.table()).meddled()
                && checks.newer(connection, upserts.table(), upserts.schema(), upserts.rows(), by)
                        .isEmpty();
        return vetoed ? vetoed("written") : ConflictException.newer(by);
    }

    /** A trigger may leave a row out without a word; it is told like any row that its table refuses. */
    private void requireWritten(Connection connection, Write.Upserts upserts, TableStatements of, int written)
            throws SQLException {
        if (written < upserts.size()
                && of.writesEachRow()
                && shape(connection, upserts.table()).meddled()) {
            throw vetoed("written");
        }
    }

    /** Not by TRUNCATE, which empties the table also for those whose snapshot is older. */
    private int empty(Connection connection, Write.Emptying emptying) throws SQLException {
        TargetTable table = emptying.table();
        if (rules(table).shared()) {
            String source = emptying.source();
            if (source != null) {
                return shared.empty(connection, table, source);
            }
            shared.forgetAll(connection, table);
        }
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate("DELETE FROM " + Identifiers.qualified(table.schema(), table.table()));
        }
    }

    /** What is written after it does not depend on it, unless two rows have swapped something. */
    private void replace(Connection connection, Write.Replacements replacements) throws SQLException {
        RowSchema schema = replacements.schema();
        TableStatements of = statements(connection, replacements.table(), schema);
        number(connection, replacements);
        if (ForeignKeys.passDeletionsOn(connection, replacements.table())) {
            return;
        }
        SetExecution.Values values = (row, column) -> {
            Row replaced = replacements.rows().get(row);
            if (column >= schema.size()) {
                return !replaced.isUnchanged(column - schema.size());
            }
            return replaced.isUnchanged(column) ? null : replaced.value(column);
        };
        execute(connection, replacements.table(), of.replace(), replacements.size(), values);
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
        execution.execute(
                connection,
                statement,
                keys.size(),
                (row, column) -> column < keySchema.size() ? keys.get(row).part(column) : (Object) load);
    }

    private Done update(Connection connection, Write.Updates updates) throws SQLException {
        TableStatements of = statements(connection, updates.table(), updates.schema());
        number(connection, updates);
        Optional<SetStatement> statement = of.update(updates.known());
        if (statement.isEmpty()) {
            return new Done(0, 0);
        }
        SetExecution.Values values = (row, column) -> updates.rows().get(row).value(column);
        int updated = execute(connection, updates.table(), statement.get(), updates.size(), values);
        if (updated == updates.size()) {
            return new Done(updated, 0);
        }
        // Where the latest value prevails, or a person decides, some may be there and newer.
        WriteRules asked = rules(updates.table());
        boolean newerPrevails = asked.guard().isPresent();
        int present = newerPrevails ? execution.count(connection, of.countPresent(), updates.size(), values) : updated;
        boolean missing = present != updates.size() && !areExpired(connection, of, updates, values, present);
        if (missing && asked.contested()) {
            throw ConflictException.gone(updates.table());
        }
        if (updated < present && asked.decided().isPresent()) {
            throw ConflictException.newer(asked.decided().get());
        }
        if (missing) {
            throw new HaltException(
                    "ROW_MISSING",
                    (updates.size() - present)
                            + " changes that carry only some columns are for rows that are not there",
                    "table " + updates.table(),
                    "Something else deleted rows of this table, or it was restored to an older state. Load the table again: "
                            + "a new epoch of its source brings every row whole.");
        }
        return new Done(updated, present - updated);
    }

    /** Whether all those that are not there are so old that the database itself drops them. */
    private boolean areExpired(
            Connection connection, TableStatements of, Write.Updates updates, SetExecution.Values values, int present)
            throws SQLException {
        Optional<Expiry> expiry = rules(updates.table()).hypertable().flatMap(Expiry::of);
        return expiry.isPresent()
                && present + execution.count(connection, of.countExpired(expiry.get()), updates.size(), values)
                        == updates.size();
    }

    private int execute(
            Connection connection, TargetTable table, SetStatement statement, int rows, SetExecution.Values values)
            throws SQLException {
        boolean compresses =
                rules(table).hypertable().flatMap(HypertableSpec::compressAfter).isPresent();
        return compresses
                ? execution.executeInParts(connection, statement, rows, values)
                : execution.execute(connection, statement, rows, values);
    }

    WriteRules rules(TargetTable table) {
        return rules.getOrDefault(table, WriteRules.PLAIN);
    }

    /** The table, which was found to suit these rows. */
    TargetShape suited(Connection connection, TargetTable table, RowSchema schema) throws SQLException {
        statements(connection, table, schema);
        return shape(connection, table);
    }

    private TableStatements statements(Connection connection, TargetTable table, RowSchema schema) throws SQLException {
        Rows rows = new Rows(table, schema);
        TableStatements known = statements.get(rows);
        if (known == null) {
            // Rows of another shape: the table may have got another one since it was looked at.
            shapes.remove(table);
            TargetShape shape = shape(connection, table);
            refuse(TargetTables.unsuitable(connection, shape, schema, rules(table)));
            known = new TableStatements(shape, schema, rules(table));
            statements.put(rows, known);
        }
        return known;
    }

    /** What has to hold of a row besides, to be deleted. */
    private Optional<String> unheld(Connection connection, TargetTable table) throws SQLException {
        return shared.condition(connection, table, rules(table).shared());
    }

    private SetStatement deletion(Connection connection, Write.Deletes deletion) throws SQLException {
        Rows rows = new Rows(deletion.table(), deletion.keySchema());
        SetStatement known = deletes.get(rows);
        if (known == null) {
            TargetShape shape = shape(connection, deletion.table());
            refuse(TargetTables.missingColumns(connection, shape, deletion.keySchema()));
            known = TableStatements.delete(shape, deletion.keySchema(), unheld(connection, deletion.table()));
            deletes.put(rows, known);
        }
        return known;
    }

    private SetStatement mark(Connection connection, Write.Marks marking) throws SQLException {
        Rows rows = new Rows(marking.table(), marking.keySchema());
        SetStatement known = marks.get(rows);
        if (known == null) {
            String mark = rules(marking.table()).mark().orElseThrow();
            TargetShape shape = shape(connection, marking.table());
            refuse(TargetTables.missingColumns(connection, shape, marking.keySchema()));
            refuse(DeletionMark.unsuitable(shape, mark));
            known = TableStatements.mark(shape, marking.keySchema(), mark, unheld(connection, marking.table()));
            marks.put(rows, known);
        }
        return known;
    }

    private TargetShape shape(Connection connection, TargetTable table) throws SQLException {
        TargetShape known = shapes.get(table);
        if (known == null) {
            known = TargetShape.read(connection, table).orElseThrow(() -> TargetTables.absent(table));
            known = numbers == null ? known : known.numberedBy(numbers.of(connection, table));
            shapes.put(table, known);
        }
        return known;
    }

    private static void refuse(List<Finding> findings) {
        for (Finding finding : findings) {
            if (finding.isError()) {
                throw new HaltException("TARGET_UNSUITABLE", finding.problem(), finding.place(), finding.remedy());
            }
        }
    }

    /** Someone may have changed the tables. */
    public void forget() {
        shapes.clear();
        statements.clear();
        deletes.clear();
        marks.clear();
        notes.clear();
        numberings.clear();
        checks.forget();
        shared.forget();
    }
}

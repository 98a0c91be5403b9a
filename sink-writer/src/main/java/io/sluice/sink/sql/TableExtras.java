package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.SourceConstraints;
import io.sluice.platform.postgres.SourceForeignKey;
import io.sluice.platform.postgres.SourceIndex;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.TableSpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the source has beside a table's columns and key, said for the target table that is made from it.
 *
 * <p>Indexes are made with the table. What forbids rows is not: a table that is read beside the stream is of another moment than
 * its neighbours and than the rest of itself, so both unique values and foreign keys are violated in between, in a strong service
 * as in any other, and each such row would wait, or halt.
 *
 * @param now statements that are run when the table is made
 * @param atCutover statements for when the target is the only one that is written
 * @param leftOut what could not be said for the target, for a person
 */
public record TableExtras(List<String> now, List<String> atCutover, List<String> leftOut) {

    public static final TableExtras NONE = new TableExtras(List.of(), List.of(), List.of());

    public TableExtras {
        now = List.copyOf(now);
        atCutover = List.copyOf(atCutover);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * A target table that holds the rows of one source table, one for each.
     *
     * @param columns those that it keeps as they are, by their names at the source
     */
    public record Copy(
            TargetTable target, TableId from, RowSchema rows, SourceConstraints has, Map<String, String> columns) {

        /** Empty where rows are made in another way than one of each, column by column. */
        public static Optional<Copy> of(TableSpec spec, RowSchema rows, RowSchema source, SourceConstraints has) {
            if (spec.from().size() != 1
                    || spec.split().isPresent()
                    || spec.mapper().isPresent()
                    || spec.hypertable().isPresent()) {
                return Optional.empty();
            }
            Map<String, String> columns = new LinkedHashMap<>();
            for (Column column : rows.columns()) {
                Optional<ColumnSpec> listed = spec.columns().column(column.name());
                Optional<String> from = listed.isPresent()
                        ? listed.map(ColumnSpec::value)
                                .filter(ColumnValue.Field.class::isInstance)
                                .map(value -> ((ColumnValue.Field) value).path())
                                .filter(path -> path.isRoot())
                                .map(path -> path.root())
                        : Optional.of(column.name());
                from.filter(name -> isSame(source, name, column)).ifPresent(name -> columns.put(name, column.name()));
            }
            return Optional.of(new Copy(spec.target(), spec.from().get(0), rows, has, columns));
        }

        private static boolean isSame(RowSchema source, String name, Column column) {
            int at = source.indexOf(name);
            return at >= 0 && source.column(at).declared().equals(column.declared());
        }

        private String name() {
            return Identifiers.qualified(target.schema(), target.table());
        }

        private Optional<String> listed(List<String> names) {
            return columns.keySet().containsAll(names)
                    ? Optional.of(names.stream()
                            .map(name -> Identifiers.quoted(columns.getOrDefault(name, name)))
                            .collect(Collectors.joining(", ")))
                    : Optional.empty();
        }
    }

    /** @param service all copies of the service's target, this one among them */
    public static TableExtras of(Copy copy, List<Copy> service) {
        List<String> now = new ArrayList<>();
        List<String> atCutover = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (SourceIndex index : copy.has().indexes()) {
            Optional<String> body = body(copy, index);
            if (isKey(copy, index)) {
                continue;
            }
            if (body.isEmpty()) {
                leftOut.add("index " + index.name());
                continue;
            }
            String on = " ON " + copy.name() + " USING " + Identifiers.quoted(index.method()) + body.get();
            now.add("CREATE INDEX" + on);
            if (index.unique()) {
                atCutover.add("CREATE UNIQUE INDEX CONCURRENTLY" + on);
            } else if (index.constraint()) {
                leftOut.add("exclusion constraint " + index.name());
            }
        }
        for (SourceForeignKey foreign : copy.has().foreignKeys()) {
            Optional<String> added = added(copy, foreign, service);
            if (added.isEmpty()) {
                leftOut.add("foreign key " + foreign.name());
                continue;
            }
            // In two steps, so that the rows that are there are looked at without keeping anybody waiting.
            atCutover.add(added.get() + " NOT VALID");
            atCutover.add("ALTER TABLE " + copy.name() + " VALIDATE CONSTRAINT " + Identifiers.quoted(foreign.name()));
        }
        return new TableExtras(now, atCutover, leftOut);
    }

    /** The target has that already. */
    private static boolean isKey(Copy copy, SourceIndex index) {
        return index.unique()
                && index.isOfColumns()
                && index.parts().stream()
                        .map(part -> copy.columns().get(part.column().orElseThrow()))
                        .collect(Collectors.toSet())
                        .equals(new HashSet<>(copy.rows().keyColumns()));
    }

    /** Makes what can be made now, inside the transaction that makes the table; says what is left. */
    List<Finding> make(Connection connection, TargetTable table) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            for (String each : now) {
                Savepoint before = connection.setSavepoint();
                try {
                    statement.execute(each);
                } catch (SQLException e) {
                    if (SqlErrors.reaction(e) == SqlErrors.Reaction.RETRY) {
                        throw e;
                    }
                    connection.rollback(before);
                    findings.add(Finding.warning(
                            "table " + table,
                            "an index of its source could not be made (" + SqlErrors.describe(e) + ")",
                            "Give the database what it needs, an extension or a function, and run: " + each));
                }
            }
        }
        findings.addAll(told(table));
        return findings;
    }

    /** What a table that is made here is without. */
    List<Finding> told(TargetTable table) {
        List<Finding> findings = new ArrayList<>();
        if (!atCutover.isEmpty()) {
            findings.add(new Finding(
                    Finding.Severity.INFO,
                    "table " + table,
                    "it is made without its source's unique and foreign keys: they would hold rows up that come in another order",
                    "At the cutover, when all is applied, run: " + String.join("; ", atCutover)));
        }
        if (!leftOut.isEmpty()) {
            findings.add(new Finding(
                    Finding.Severity.INFO,
                    "table " + table,
                    "its source also has what does not fit its columns, or refers to tables that are not here: "
                            + String.join(", ", leftOut),
                    "Add what the service needs of it."));
        }
        return findings;
    }

    private static Optional<String> body(Copy copy, SourceIndex index) {
        boolean kept = index.isOfColumns()
                ? copy.columns().keySet().containsAll(index.uses())
                // Names stand inside of expressions, where they can't be replaced.
                : index.uses().stream()
                        .allMatch(name -> name.equals(copy.columns().get(name)));
        if (!kept) {
            return Optional.empty();
        }
        String parts = index.parts().stream()
                .map(part -> part.column()
                                .map(name -> Identifiers.quoted(copy.columns().getOrDefault(name, name)))
                                .orElse("(" + part.expression() + ")")
                        + part.suffix())
                .collect(Collectors.joining(", "));
        String included = index.included().isEmpty()
                ? ""
                : " INCLUDE (" + copy.listed(index.included()).orElseThrow() + ")";
        return Optional.of(" (" + parts + ")" + included
                + index.predicate().map(where -> " WHERE " + where).orElse(""));
    }

    private static Optional<String> added(Copy copy, SourceForeignKey foreign, List<Copy> service) {
        Optional<Copy> parent = service.stream()
                .filter(other -> other.from()
                        .equals(new TableId(copy.from().source(), foreign.parentSchema(), foreign.parentTable())))
                .findFirst();
        Optional<String> columns = copy.listed(foreign.columns());
        Optional<String> referred = parent.flatMap(other -> other.listed(foreign.parentColumns()));
        return columns.isEmpty() || referred.isEmpty() || parent.isEmpty()
                ? Optional.empty()
                : Optional.of("ALTER TABLE " + copy.name() + " ADD CONSTRAINT " + Identifiers.quoted(foreign.name())
                        + " FOREIGN KEY (" + columns.get() + ") REFERENCES "
                        + parent.get().name() + " ("
                        + referred.get() + ")" + foreign.actions());
    }
}

package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.WiderType;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.WriteRules;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a table that we write follows its source: it gets columns that are new, wider types, and may do without what no row
 * brings any more. Nothing is ever taken away from it, no value is changed, and what follows can be undone.
 *
 * @param changes what {@code ALTER TABLE} is to do
 * @param beside what is to be done to the tables of keys that loads have seen, whose types are those of the key
 * @param ours whether our user may
 * @param large whether one of the changes would keep everybody from a large table while it is written anew
 */
public record TableGrowth(TargetTable table, List<String> changes, List<String> beside, boolean ours, boolean large) {

    /** As much as is rewritten in a moment. */
    private static final long SMALL_BYTES = 64L << 20;

    private static final String FACTS =
            """
            WITH RECURSIVE parts AS (
                SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
              UNION
                SELECT i.inhrelid FROM parts p JOIN pg_catalog.pg_inherits i ON i.inhparent = p.oid
            )
            SELECT bool_and(pg_has_role(c.relowner, 'USAGE')), sum(pg_catalog.pg_table_size(c.oid))
            FROM parts p JOIN pg_catalog.pg_class c ON c.oid = p.oid
            """;

    public TableGrowth {
        changes = List.copyOf(changes);
        beside = List.copyOf(beside);
    }

    private enum Wanted {
        /** What no row could be written without, and what would round. */
        SHAPE,
        /** What a value may need that is wider than what came before. */
        VALUES
    }

    /**
     * What the table lacks for rows of this shape to be written at all, and whole. Nothing where a type is missing too: who
     * writes finds that.
     */
    public static TableGrowth toTake(Connection connection, TargetTable table, RowSchema rows, WriteRules rules)
            throws SQLException {
        return of(connection, table, rows, rules, Wanted.SHAPE);
    }

    /** What the table lacks to hold every value that rows of this shape may have. */
    public static TableGrowth toHold(Connection connection, TargetTable table, RowSchema rows, WriteRules rules)
            throws SQLException {
        return of(connection, table, rows, rules, Wanted.VALUES);
    }

    private static TableGrowth of(
            Connection connection, TargetTable table, RowSchema rows, WriteRules rules, Wanted wanted)
            throws SQLException {
        Optional<TargetShape> shape = TargetShape.read(connection, table);
        if (shape.isEmpty()) {
            return nothing(table);
        }
        List<String> changes = new ArrayList<>();
        Map<String, WiderType> wider = wider(shape.get(), rows, wanted);
        if (wanted == Wanted.SHAPE) {
            if (!typesAreKnown(connection, shape.get(), rows)) {
                return nothing(table);
            }
            changes.addAll(columns(shape.get(), rows, rules));
        }
        wider.forEach((column, type) ->
                changes.add("ALTER COLUMN " + Identifiers.quoted(column) + " TYPE " + type.declared()));
        boolean rewrites = wider.values().stream().anyMatch(WiderType::rewrites);
        if (changes.isEmpty()) {
            return nothing(table);
        }
        wider.keySet().removeIf(column -> !rows.isKey(rows.indexOf(column)));
        return withFacts(connection, table, changes, SeenKeys.follow(connection, table, wider), rewrites);
    }

    private static TableGrowth nothing(TargetTable table) {
        return new TableGrowth(table, List.of(), List.of(), false, false);
    }

    /** The table as it is once it has what {@link #toTake} says. */
    static TargetShape taken(TargetShape shape, RowSchema rows) {
        Map<String, TargetColumn> columns = new LinkedHashMap<>();
        Map<String, WiderType> wider = wider(shape, rows, Wanted.SHAPE);
        shape.columns().forEach((name, column) -> {
            WiderType type = wider.get(name);
            TargetColumn widened = type == null ? column : column.declared(type.declared());
            boolean tellsRowsApart = shape.uniqueKeys().stream().anyMatch(key -> key.contains(name));
            columns.put(name, rows.indexOf(name) < 0 && !tellsRowsApart ? widened.madeOptional() : widened);
        });
        for (Column column : rows.columns()) {
            columns.computeIfAbsent(column.name(), name -> TargetColumn.added(name, column.declared()));
        }
        return new TargetShape(shape.table(), columns, shape.uniqueKeys(), shape.partitionedBy(), shape.meddled());
    }

    private static TableGrowth withFacts(
            Connection connection, TargetTable table, List<String> changes, SeenKeys seen, boolean rewrites)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(FACTS)) {
            query.setString(1, table.schema());
            query.setString(2, table.table());
            try (ResultSet facts = query.executeQuery()) {
                facts.next();
                return new TableGrowth(
                        table,
                        changes,
                        seen.statements(),
                        facts.getBoolean(1) && seen.ours(),
                        rewrites && facts.getLong(2) > SMALL_BYTES);
            }
        }
    }

    private static boolean typesAreKnown(Connection connection, TargetShape shape, RowSchema rows) throws SQLException {
        for (Column column : rows.columns()) {
            if (!shape.columns().containsKey(column.name()) && !TargetTables.isType(connection, column.declared())) {
                return false;
            }
        }
        return true;
    }

    private static List<String> columns(TargetShape shape, RowSchema rows, WriteRules rules) {
        List<String> changes = new ArrayList<>();
        for (Column column : rows.columns()) {
            if (!shape.columns().containsKey(column.name())) {
                // Nullable, for the rows that are there have no value for it yet.
                changes.add("ADD COLUMN IF NOT EXISTS " + Identifiers.quoted(column.name()) + " " + column.declared());
            }
        }
        for (TargetColumn column : shape.columns().values()) {
            boolean brought = rows.indexOf(column.name()) >= 0
                    || rules.mark().equals(Optional.of(column.name()))
                    || shape.uniqueKeys().stream().anyMatch(key -> key.contains(column.name()));
            if (!brought && !column.optional()) {
                changes.add("ALTER COLUMN " + Identifiers.quoted(column.name()) + " DROP NOT NULL");
            }
        }
        return changes;
    }

    private static Map<String, WiderType> wider(TargetShape shape, RowSchema rows, Wanted wanted) {
        Map<String, WiderType> wider = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            Column column = rows.column(i);
            TargetColumn target = shape.columns().get(column.name());
            if (target != null && !target.generated() && (wanted == Wanted.VALUES || mayRound(column, target))) {
                WiderType.between(target.declared(), column.declared())
                        .ifPresent(type -> wider.put(column.name(), type));
            }
        }
        return wider;
    }

    private static boolean mayRound(Column column, TargetColumn target) {
        return SilentLoss.isPossible(column, target)
                || SilentLoss.cutsBlanks(column, target)
                || (column.type() instanceof Numeric numeric
                        && target.declared().startsWith("numeric(")
                        && (numeric.scale() == null || numeric.scale() > TargetColumn.scale(target.declared())));
    }

    public boolean isNeeded() {
        return !changes.isEmpty();
    }

    /** Whether it can be done here and now, by our user and without keeping others waiting. */
    public boolean isAtHand() {
        return isNeeded() && ours && !large;
    }

    public String statement() {
        List<String> all = new ArrayList<>(beside);
        all.add("ALTER TABLE " + Identifiers.qualified(table.schema(), table.table()) + " "
                + String.join(", ", changes));
        return String.join("; ", all);
    }

    /** The same where our user may not do it. */
    public TableGrowth byOthers() {
        return new TableGrowth(table, changes, beside, false, large);
    }

    /** For the log: what was done, and what that leaves to be done. */
    public String told() {
        boolean adds = changes.stream().anyMatch(change -> change.startsWith("ADD COLUMN"));
        return statement()
                + (adds
                        ? ". Rows that were there have no value in a new column until they change; where their source has one,"
                                + " read the table again with `sluice backfill`."
                        : "");
    }

    /** Looks at a table, and at the same one again. */
    public interface Look {
        TableGrowth at(Connection connection) throws SQLException;
    }

    /**
     * Does what is at hand, inside the transaction that the caller has begun with a {@code lock_timeout}. Two that come at
     * once do it one after the other, and the second finds nothing left.
     */
    public static TableGrowth follow(Connection connection, Look look) throws SQLException {
        TableGrowth growth = look.at(connection);
        if (!growth.isAtHand()) {
            return growth;
        }
        Preparation.lock(connection);
        growth = look.at(connection);
        if (growth.isAtHand()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(growth.statement());
            }
        }
        return growth;
    }
}

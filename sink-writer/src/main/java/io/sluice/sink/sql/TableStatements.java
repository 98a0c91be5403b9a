package io.sluice.sink.sql;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.RowSchema;
import io.sluice.sink.batch.WriteRules;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The statements that bring rows of one schema into one table. The table has been found to suit the schema before.
 *
 * <p>Belongs to one thread.
 */
final class TableStatements {

    /** Each set of known columns is a statement of its own; a table with very many such sets makes the odd one again. */
    private static final int KEPT_UPDATES = 64;

    private final TargetShape shape;
    private final RowSchema schema;
    private final WriteRules rules;
    private final String table;
    private @Nullable SetStatement upsert;
    private @Nullable SetStatement upsertAnew;
    private final Map<BitSet, Optional<SetStatement>> updates = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<BitSet, Optional<SetStatement>> eldest) {
            return size() > KEPT_UPDATES;
        }
    };

    TableStatements(TargetShape shape, RowSchema schema, WriteRules rules) {
        this.shape = shape;
        this.schema = schema;
        this.rules = rules;
        this.table = Identifiers.qualified(shape.table().schema(), shape.table().table());
    }

    SetStatement upsert() {
        if (upsert == null) {
            upsert = makeUpsert(false);
        }
        return upsert;
    }

    /** An upsert that leaves nothing of the row that was there. */
    SetStatement upsertAnew() {
        if (upsertAnew == null) {
            upsertAnew = makeUpsert(true);
        }
        return upsertAnew;
    }

    /** Empty if none of the known columns can be updated. */
    Optional<SetStatement> update(BitSet known) {
        Optional<SetStatement> update = updates.get(known);
        if (update == null) {
            update = makeUpdate(known);
            updates.put((BitSet) known.clone(), update);
        }
        return update;
    }

    private SetStatement makeUpsert(boolean anew) {
        Unnest unnest = new Unnest(shape, schema, i -> !column(i).generated());
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>(unnest.casts);
        List<String> sets = new ArrayList<>();
        boolean overriding = false;
        for (int index : unnest.indexes) {
            String name = Identifiers.quoted(column(index).name());
            names.add(name);
            overriding |= column(index).identityAlways();
            if (isSet(index, anew)) {
                sets.add(name + " = EXCLUDED." + name);
            }
        }
        rules.mark().map(shape::column).ifPresent(mark -> {
            names.add(Identifiers.quoted(mark.name()));
            values.add(DeletionMark.none(mark));
            if (!anew) {
                sets.add(Identifiers.quoted(mark.name()) + " = " + DeletionMark.none(mark));
            }
        });
        if (anew) {
            shape.columns().values().stream()
                    .filter(column -> schema.indexOf(column.name()) < 0 && !column.generated())
                    .forEach(column -> sets.add(Identifiers.quoted(column.name()) + " = DEFAULT"));
        }
        String sql = "INSERT INTO " + table + " AS t (" + String.join(", ", names) + ")"
                + (overriding ? " OVERRIDING SYSTEM VALUE" : "")
                + " SELECT " + String.join(", ", values) + " FROM " + unnest.from()
                + " ON CONFLICT (" + quoted(schema.keyColumns()) + ") DO "
                + (sets.isEmpty() || (rules.keepsFirst() && !anew)
                        ? "NOTHING"
                        : "UPDATE SET " + String.join(", ", sets) + (anew ? "" : unlessNewer("EXCLUDED.")));
        return new SetStatement(sql, unnest.parameters);
    }

    /** Whether an upsert sets this column of a row that is there. */
    private boolean isSet(int index, boolean anew) {
        if (column(index).generated()
                || column(index).identityAlways()
                || (schema.isKey(index) && !isWrittenInSeveralWays(index))) {
            return false;
        }
        return anew || rules.changes(column(index).name());
    }

    /** Nothing is older than nothing, and equal is not older. */
    private String unlessNewer(String arriving) {
        return rules.guard()
                .map(Identifiers::quoted)
                .map(by -> " WHERE t." + by + " IS NULL OR " + arriving + by + " >= t." + by)
                .orElse("");
    }

    private Optional<SetStatement> makeUpdate(BitSet known) {
        Unnest unnest = new Unnest(
                shape,
                schema,
                i -> known.get(i) && (schema.isKey(i) || !column(i).generated()));
        List<String> sets = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        for (int place = 0; place < unnest.indexes.size(); place++) {
            int index = unnest.indexes.get(place);
            String name = Identifiers.quoted(column(index).name());
            String value = unnest.casts.get(place);
            if (schema.isKey(index)) {
                conditions.add("t." + name + " = " + value);
            }
            if (isSet(index, false)) {
                sets.add(name + " = " + value);
            }
            if (rules.guard().filter(column(index).name()::equals).isPresent()) {
                conditions.add("(t." + name + " IS NULL OR " + value + " >= t." + name + ")");
            }
        }
        if (sets.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new SetStatement(
                "UPDATE " + table + " AS t SET " + String.join(", ", sets) + " FROM " + unnest.from() + " WHERE "
                        + String.join(" AND ", conditions),
                unnest.parameters));
    }

    /**
     * Deletes those of the rows that are there and inserts them again, with their new values and with what they had besides, in
     * one statement: when the first comes back all are gone, and what refers to them is looked at when all are back. Which values
     * are new, arrays of flags say that travel behind the columns.
     */
    SetStatement replace() {
        Unnest unnest =
                new Unnest(shape, schema, i -> schema.isKey(i) || !column(i).generated());
        List<SetStatement.Parameter> parameters = new ArrayList<>(unnest.parameters);
        List<String> names = new ArrayList<>(unnest.names);
        List<String> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        List<String> going = new ArrayList<>();
        List<String> coming = new ArrayList<>();
        for (TargetColumn target : shape.columns().values()) {
            if (!target.generated()) {
                columns.add(Identifiers.quoted(target.name()));
                values.add("g." + Identifiers.quoted(target.name()));
            }
        }
        for (int place = 0; place < unnest.indexes.size(); place++) {
            int index = unnest.indexes.get(place);
            String name = Identifiers.quoted(column(index).name());
            if (schema.isKey(index)) {
                going.add("t." + name + " = " + unnest.casts.get(place));
                coming.add("g." + name + " = " + unnest.casts.get(place));
            } else if (isSet(index, false)) {
                String flag = "f" + place;
                names.add(flag);
                parameters.add(new SetStatement.Parameter(
                        schema.size() + index, ColumnEncoder.of(LogicalType.Simple.BOOLEAN, ',')));
                values.set(
                        columns.indexOf(name),
                        "CASE WHEN u." + flag + " THEN " + unnest.casts.get(place) + " ELSE g." + name + " END");
            }
        }
        return new SetStatement(
                "WITH u AS MATERIALIZED (SELECT * FROM " + unnest.from(names) + "), gone AS (DELETE FROM " + table
                        + " AS t USING u WHERE " + String.join(" AND ", going) + " RETURNING t.*) INSERT INTO " + table
                        + " (" + String.join(", ", columns) + ") OVERRIDING SYSTEM VALUE SELECT "
                        + String.join(", ", values) + " FROM gone AS g JOIN u ON " + String.join(" AND ", coming)
                        // Asked once, before the first row is inserted; and to count them all, all must be gone.
                        + " WHERE (SELECT count(*) FROM gone) > 0",
                parameters);
    }

    /** Whether an upsert without a say of its table's rules inserts or changes every row. */
    boolean writesEachRow() {
        return !rules.keepsFirst() && rules.guard().isEmpty() && overwrites();
    }

    /** Whether an upsert sets any column of a row that is there. */
    boolean overwrites() {
        return IntStream.range(0, schema.size()).anyMatch(index -> isSet(index, false));
    }

    /** Counts those of the rows whose key is there. */
    SetStatement countPresent() {
        return count(null);
    }

    /** Counts those of the rows that are there with a later value of this column. */
    SetStatement countNewer(String by) {
        return count(by);
    }

    /** Counts those of the rows that are not there and so old that they need not be. */
    SetStatement countExpired(Expiry expiry) {
        Unnest unnest = new Unnest(
                shape, schema, i -> schema.isKey(i) || schema.column(i).name().equals(expiry.time()));
        List<String> matches = new ArrayList<>();
        String old = "false";
        for (int place = 0; place < unnest.indexes.size(); place++) {
            int index = unnest.indexes.get(place);
            String value = unnest.casts.get(place);
            if (schema.isKey(index)) {
                matches.add("t." + Identifiers.quoted(column(index).name()) + " = " + value);
            }
            if (column(index).name().equals(expiry.time())) {
                old = expiry.condition(value, column(index).castType());
            }
        }
        return new SetStatement(
                "SELECT count(*) FROM " + unnest.from() + " WHERE " + old + " AND NOT EXISTS (SELECT 1 FROM " + table
                        + " AS t WHERE " + String.join(" AND ", matches) + ")",
                unnest.parameters);
    }

    private SetStatement count(@Nullable String newerBy) {
        Unnest unnest = new Unnest(
                shape, schema, i -> schema.isKey(i) || schema.column(i).name().equals(newerBy));
        List<String> conditions = new ArrayList<>();
        for (int place = 0; place < unnest.indexes.size(); place++) {
            int index = unnest.indexes.get(place);
            conditions.add("t." + Identifiers.quoted(column(index).name()) + (schema.isKey(index) ? " = " : " > ")
                    + unnest.casts.get(place));
        }
        return new SetStatement(
                "SELECT count(*) FROM " + table + " AS t, " + unnest.from() + " WHERE "
                        + String.join(" AND ", conditions),
                unnest.parameters);
    }

    /** Needs the key's schema alone: a delete carries no row. */
    static SetStatement delete(TargetShape shape, RowSchema keySchema, Optional<String> only) {
        Unnest unnest = new Unnest(shape, keySchema, i -> true);
        return new SetStatement(
                "DELETE FROM "
                        + Identifiers.qualified(
                                shape.table().schema(), shape.table().table()) + " AS t USING " + unnest.from()
                        + " WHERE " + unnest.matches(keySchema) + and(only),
                unnest.parameters);
    }

    /** @param only a condition of the row {@code t} */
    private static String and(Optional<String> only) {
        return only.map(condition -> " AND " + condition).orElse("");
    }

    /** Counts the rows that are there with these keys. */
    static SetStatement countKeys(TargetShape shape, RowSchema keySchema, Optional<String> only) {
        Unnest unnest = new Unnest(shape, keySchema, i -> true);
        return new SetStatement(
                "SELECT count(*) FROM "
                        + Identifiers.qualified(
                                shape.table().schema(), shape.table().table()) + " AS t, " + unnest.from()
                        + " WHERE " + unnest.matches(keySchema) + and(only),
                unnest.parameters);
    }

    /** Marks rows as deleted. When each was, travels behind the key, as one more column. */
    static SetStatement mark(TargetShape shape, RowSchema keySchema, String mark, Optional<String> only) {
        Unnest unnest = new Unnest(shape, keySchema, i -> true);
        List<SetStatement.Parameter> parameters = new ArrayList<>(unnest.parameters);
        parameters.add(
                new SetStatement.Parameter(keySchema.size(), ColumnEncoder.of(LogicalType.Simple.TIMESTAMPTZ, ',')));
        return new SetStatement(
                "UPDATE "
                        + Identifiers.qualified(
                                shape.table().schema(), shape.table().table()) + " AS t SET "
                        + Identifiers.quoted(mark) + " = " + DeletionMark.set(shape.column(mark), "u.at")
                        + " FROM " + unnest.from("at") + " WHERE " + unnest.matches(keySchema) + and(only),
                parameters);
    }

    /**
     * Inserts keys, and a number beside each, into a table of the same types: what the target takes its columns for, that one does,
     * too. The number travels behind the key, as one more column.
     */
    static SetStatement note(TargetShape shape, RowSchema keySchema, String into, List<String> columns) {
        Noted noted = new Noted(shape, keySchema, columns);
        return new SetStatement(
                "INSERT INTO " + into + " SELECT u.number, " + String.join(", ", noted.casts) + " FROM "
                        + noted.unnest.from("number")
                        + (noted.numbered.isEmpty() ? "" : " WHERE " + String.join(" AND ", noted.numbered))
                        + " ON CONFLICT DO NOTHING",
                noted.parameters);
    }

    /** Deletes what that inserts. */
    static SetStatement forget(TargetShape shape, RowSchema keySchema, String from, List<String> columns) {
        Noted noted = new Noted(shape, keySchema, columns);
        List<String> conditions = new ArrayList<>();
        List<String> names = KeyTable.names(columns.size());
        for (int i = 0; i < names.size(); i++) {
            conditions.add("h." + names.get(i) + " = " + noted.casts.get(i));
        }
        return new SetStatement(
                "DELETE FROM " + from + " AS h USING " + noted.unnest.from("number") + " WHERE h.source = u.number AND "
                        + String.join(" AND ", conditions),
                noted.parameters);
    }

    /** Keys on their way into or out of a table of ours, in the order of its columns. */
    private static final class Noted {

        private final Unnest unnest;
        private final List<String> casts = new ArrayList<>();
        // A name without a number has no row to be noted.
        private final List<String> numbered = new ArrayList<>();
        private final List<SetStatement.Parameter> parameters;

        private Noted(TargetShape shape, RowSchema keySchema, List<String> columns) {
            unnest = new Unnest(shape, keySchema, i -> true);
            for (String column : columns) {
                int index = keySchema.indexOf(column);
                if (index < 0) {
                    throw new HaltException(
                            "TARGET_UNSUITABLE",
                            "rows have another key than the one that they are noted by: (" + quoted(columns) + ")",
                            "table " + shape.table(),
                            "Start the pipeline with `run`, which prepares its targets anew.");
                }
                casts.add(unnest.casts.get(index));
                if (NumberedColumn.is(keySchema.column(index))) {
                    numbered.add(unnest.casts.get(index) + " IS NOT NULL");
                }
            }
            parameters = new ArrayList<>(unnest.parameters);
            parameters.add(
                    new SetStatement.Parameter(keySchema.size(), ColumnEncoder.of(LogicalType.Simple.INT64, ',')));
        }
    }

    private TargetColumn column(int index) {
        return shape.column(schema.column(index).name());
    }

    /** 1.0 and 1.00 are one key; the row shows the one that its source shows. */
    private boolean isWrittenInSeveralWays(int index) {
        LogicalType type = schema.column(index).type();
        return type instanceof LogicalType.Numeric
                || type == LogicalType.Simple.FLOAT32
                || type == LogicalType.Simple.FLOAT64;
    }

    private static String quoted(List<String> names) {
        return names.stream().map(Identifiers::quoted).collect(Collectors.joining(", "));
    }
}

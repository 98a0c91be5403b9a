package io.sluice.source.engine;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.source.types.TypeCases;
import io.sluice.source.types.TypeCases.TypeCase;
import io.sluice.source.types.TypeCases.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tables and what is done to them, made from numbers: the same numbers make the same SQL, and smaller ones make plainer SQL, so
 * that a failure can be shrunk and is printed as statements that one can run.
 */
final class RandomTables {

    /** How old rows are named. */
    enum Identity {
        PRIMARY_KEY,
        PRIMARY_KEY_FULL,
        INDEX,
        NO_KEY
    }

    enum Kind {
        INSERT,
        INSERT_MANY,
        UPDATE,
        UPDATE_ALL,
        CHANGE_KEY,
        DELETE,
        COPY
    }

    record ColumnSeed(int name, int type, boolean nullable) {}

    record TableSeed(int name, Identity identity, int keySize, int extras, List<ColumnSeed> columns) {}

    record Op(Kind kind, int table, int row, long values) {}

    record Transaction(boolean commits, List<Op> ops) {}

    /** @param stage the table that a COPY goes through; empty for a plain statement */
    record Statement(String sql, String stage, String target) {}

    /** Names that need quoting, escaping, or mean something elsewhere. */
    private static final List<String> NAMES = List.of(
            "plain",
            "select",
            "Mixed Case",
            "quote\"d",
            "a.b",
            "a-b",
            "_x5f_",
            "_x",
            "int",
            "string",
            "record",
            "null",
            "1st",
            "ünï",
            "😀",
            "tab\tnew\nline",
            "back\\slash",
            "it's",
            "before",
            "change_source",
            " ",
            "trailing.",
            "n".repeat(63));

    /** Types of which equal values are one value. */
    private static final Set<String> KEYS = Set.of(
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "numeric(12,3)",
            "real",
            "double precision",
            "text",
            "varchar(20)",
            "char(5)",
            "bytea",
            "boolean",
            "uuid",
            "date",
            "time",
            "timestamp",
            "timestamptz",
            "positive",
            "code",
            "price");
    /** Beside those, as part of a key only. */
    private static final Set<String> OTHER_KEYS = Set.of("mood", "inet", "int[]", "text[]", "oid", "bit varying(9)");

    private static final int MOST_LITERAL = 2_000;

    private record TableColumn(String name, TypeCase type, boolean nullable, boolean counted) {}

    /** One table as it is in the database. */
    static final class Table {

        final String name;
        final Identity identity;
        final List<String> setup = new ArrayList<>();
        private final List<TableColumn> columns = new ArrayList<>();
        private final int keySize;
        private int count;

        private Table(String name, Identity identity, int keySize) {
            this.name = name;
            this.identity = identity;
            this.keySize = keySize;
        }

        String quoted() {
            return Identifiers.quoted(name);
        }

        String columnList() {
            return columns.stream().map(each -> Identifiers.quoted(each.name())).collect(Collectors.joining(", "));
        }

        boolean isFull() {
            return identity == Identity.PRIMARY_KEY_FULL || identity == Identity.NO_KEY;
        }
    }

    private final List<TypeCase> all;
    private final List<TypeCase> wholeRow;
    private final List<TypeCase> keys;
    private final int version;
    private final List<Table> tables = new ArrayList<>();

    RandomTables(TypeCases cases, int version, List<TableSeed> seeds) {
        this.version = version;
        this.all = weighted(cases.of(version).stream()
                .filter(type -> type.setup().isEmpty())
                .toList());
        this.wholeRow = all.stream().filter(type -> KEYS.contains(type.type())).toList();
        this.keys = all.stream()
                .filter(type -> KEYS.contains(type.type()) || OTHER_KEYS.contains(type.type()))
                .toList();
        Set<String> names = new HashSet<>();
        for (TableSeed seed : seeds) {
            tables.add(table(seed, unique(seed.name(), names)));
        }
    }

    /** Texts may be large, and so do more to the log than any other type. */
    private static List<TypeCase> weighted(List<TypeCase> types) {
        List<TypeCase> weighted = new ArrayList<>(types);
        types.stream()
                .filter(type -> type.type().equals("text"))
                .forEach(type -> weighted.addAll(Collections.nCopies(types.size() / 4, type)));
        return weighted;
    }

    List<Table> tables() {
        return tables;
    }

    private static String unique(int seed, Set<String> taken) {
        String name = NAMES.get(seed % NAMES.size());
        for (int i = 0; !taken.add(name); i++) {
            name = "c" + i;
        }
        return name;
    }

    private Table table(TableSeed seed, String name) {
        boolean noKey = seed.identity() == Identity.NO_KEY;
        int keySize = noKey ? 0 : Math.min(seed.keySize(), seed.columns().size());
        Table table = new Table(name, seed.identity(), keySize);
        Set<String> names = new HashSet<>();
        if (noKey) {
            // Equal rows can't be told apart; this keeps them unequal.
            names.add("no");
            table.columns.add(new TableColumn("no", all.get(1), false, true));
        }
        for (ColumnSeed each : seed.columns()) {
            boolean inKey = table.columns.size() < keySize;
            List<TypeCase> types = inKey ? keys : noKey ? wholeRow : all;
            table.columns.add(new TableColumn(
                    unique(each.name(), names),
                    types.get(each.type() % types.size()),
                    !inKey && each.nullable(),
                    false));
        }
        create(table, seed.extras(), tables.size());
        return table;
    }

    private static void create(Table table, int extras, int number) {
        List<String> parts = new ArrayList<>();
        for (TableColumn column : table.columns) {
            parts.add(Identifiers.quoted(column.name()) + " " + column.type().type()
                    + (column.nullable() ? "" : " NOT NULL"));
        }
        boolean dropped = (extras & 1) != 0;
        if (dropped) {
            parts.add(parts.size() / 2, "dropped_later text DEFAULT 'gone'");
        }
        if ((extras & 2) != 0) {
            parts.add(parts.size() / 2, "made_here int GENERATED ALWAYS AS (42) STORED");
        }
        String key = table.columns.stream()
                .limit(table.keySize)
                .map(column -> Identifiers.quoted(column.name()))
                .collect(Collectors.joining(", "));
        if (table.identity == Identity.PRIMARY_KEY || table.identity == Identity.PRIMARY_KEY_FULL) {
            parts.add("PRIMARY KEY (" + key + ")");
        }
        table.setup.add("CREATE TABLE " + table.quoted() + " (" + String.join(", ", parts) + ")");
        if (dropped) {
            table.setup.add("ALTER TABLE " + table.quoted() + " DROP COLUMN dropped_later");
        }
        if (table.identity == Identity.INDEX) {
            table.setup.add("CREATE UNIQUE INDEX key_" + number + " ON " + table.quoted() + " (" + key + ")");
            table.setup.add("ALTER TABLE " + table.quoted() + " REPLICA IDENTITY USING INDEX key_" + number);
        } else if (table.isFull()) {
            table.setup.add("ALTER TABLE " + table.quoted() + " REPLICA IDENTITY FULL");
        }
    }

    List<Statement> statements(Op op) {
        Table table = tables.get(op.table() % tables.size());
        Random random = new Random(op.values());
        String into = "INSERT INTO " + table.quoted() + " (" + table.columnList() + ") VALUES ";
        String one = " WHERE ctid = (SELECT ctid FROM " + table.quoted() + " ORDER BY ctid OFFSET " + op.row()
                + " % greatest((SELECT count(*) FROM " + table.quoted() + "), 1) LIMIT 1)";
        return switch (op.kind()) {
            case INSERT -> List.of(plain(into + row(table, random)));
            case INSERT_MANY ->
                List.of(plain(into + row(table, random) + ", " + row(table, random) + ", " + row(table, random)
                        + " ON CONFLICT DO NOTHING"));
            case UPDATE -> update(table, false, random, one);
            case UPDATE_ALL -> update(table, false, random, "");
            case CHANGE_KEY -> update(table, true, random, one);
            case DELETE -> List.of(plain("DELETE FROM " + table.quoted() + one));
            case COPY ->
                List.of(
                        plain("CREATE TEMP TABLE stage AS SELECT " + table.columnList() + " FROM " + table.quoted()
                                + " WHERE false"),
                        plain("INSERT INTO stage VALUES " + row(table, random) + ", " + row(table, random) + ", "
                                + row(table, random)),
                        new Statement("", "stage", table.quoted() + " (" + table.columnList() + ")"),
                        plain("DROP TABLE stage"));
        };
    }

    private static Statement plain(String sql) {
        return new Statement(sql, "", "");
    }

    /** An update that changes a key names every column, or the log may lack a large value: then it is refused. */
    private List<Statement> update(Table table, boolean key, Random random, String where) {
        List<String> sets = new ArrayList<>();
        for (int i = 0; i < table.columns.size(); i++) {
            TableColumn column = table.columns.get(i);
            boolean inKey = i < table.keySize;
            boolean touched = inKey ? key : (key && !table.isFull()) || random.nextBoolean();
            if (touched && !column.counted()) {
                sets.add(Identifiers.quoted(column.name()) + " = " + literal(table, column, random));
            }
        }
        return sets.isEmpty()
                ? List.of()
                : List.of(plain("UPDATE " + table.quoted() + " SET " + String.join(", ", sets) + where));
    }

    private String row(Table table, Random random) {
        return table.columns.stream()
                .map(column -> literal(table, column, random))
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private String literal(Table table, TableColumn column, Random random) {
        if (column.counted()) {
            return String.valueOf(table.count++);
        }
        if (column.nullable() && random.nextInt(6) == 0) {
            return "NULL";
        }
        String type = column.type().type();
        int choice = random.nextInt(4);
        String made = choice == 0 ? any(type, random) : "";
        if (type.equals("text") && choice == 1 && table.columns.indexOf(column) >= table.keySize) {
            made = large(random.nextInt(9));
        }
        if (made.isEmpty()) {
            List<Value> values = column.type().valuesOf(version).stream()
                    .filter(value -> value.sql().length() <= MOST_LITERAL
                            && value.is().toString().length() <= MOST_LITERAL)
                    .toList();
            made = values.get(random.nextInt(values.size())).sql();
        }
        return "(" + made + ")::" + type;
    }

    private static String any(String type, Random random) {
        return switch (type) {
            case "smallint" -> "'" + (short) random.nextInt() + "'";
            case "integer" -> "'" + random.nextInt() + "'";
            case "bigint" -> "'" + random.nextLong() + "'";
            case "numeric" ->
                "'"
                        + new java.math.BigDecimal(
                                        new java.math.BigInteger(random.nextInt(200), random), random.nextInt(60))
                                .toPlainString()
                        + "'";
            case "real" -> "'" + Float.intBitsToFloat(random.nextInt()) + "'";
            case "double precision" -> "'" + Double.longBitsToDouble(random.nextLong()) + "'";
            case "text" -> texts(random);
            case "bytea" -> "'\\x" + Long.toHexString(random.nextLong() | Long.MIN_VALUE) + "'";
            case "uuid" -> "'" + new java.util.UUID(random.nextLong(), random.nextLong()) + "'";
            case "date" -> "date '2000-01-01' + " + random.nextInt(1_000_000);
            case "timestamp" -> "timestamp '2000-01-01' + interval '" + random.nextLong() / 100 + " microseconds'";
            case "timestamptz" ->
                "timestamptz '2000-01-01 00:00:00+00' + interval '" + random.nextLong() / 100 + " microseconds'";
            case "int[]" -> "ARRAY[" + random.nextInt() + ", NULL, " + random.nextInt() + "]";
            case "text[]" -> "ARRAY[" + texts(random) + ", " + texts(random) + "]";
            case "jsonb" -> "to_jsonb(" + texts(random) + ")";
            default -> "";
        };
    }

    /** Stored outside its row, and so left out of updates that don't touch it. */
    private static String large(int which) {
        return "(SELECT string_agg(md5((i + " + which + ")::text), '') FROM generate_series(1, 400) i)";
    }

    private static String texts(Random random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(12);
        for (int i = 0; i < length; i++) {
            int c = random.nextInt(3) == 0 ? 1 + random.nextInt(Character.MAX_CODE_POINT) : 1 + random.nextInt(127);
            text.appendCodePoint(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? '\\' : c);
        }
        return Identifiers.literal(text.toString()) + "::text";
    }
}

package io.sluice.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Temporals;
import io.sluice.schemas.model.Unchanged;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteRules;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableWriterIT {

    private final String url = PostgresServer.shared().freshDatabase("writer").jdbcUrl();
    private final TableWriter writer = new TableWriter(Map.of());
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(url);
        execute("SET TimeZone TO 'UTC'");
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<List<String>> query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<List<String>> found = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                found.add(row);
            }
            return found;
        }
    }

    private static Column column(String name, LogicalType type, String declared) {
        return new Column(name, type, declared, true);
    }

    private static RowSchema schema(Column... columns) {
        List<Column> all = new ArrayList<>();
        all.add(new Column("id", Simple.INT32, "integer", false));
        all.addAll(List.of(columns));
        return new RowSchema("t", all, List.of("id"));
    }

    private static TargetTable table(String name) {
        return TargetTable.inDefaultSchema(name);
    }

    private int upsert(TargetTable table, RowSchema schema, Object[]... rows) throws SQLException {
        List<Row> made = Arrays.stream(rows).map(row -> new Row(schema, row)).toList();
        return writer.apply(connection, new Write.Upserts(table, schema, made, false))
                .rows();
    }

    private int delete(TargetTable table, RowSchema schema, Object... key) throws SQLException {
        Key made = new Key(schema.keySchema(), key);
        return writer.apply(connection, new Write.Deletes(table, schema.keySchema(), List.of(made)))
                .rows();
    }

    private static long micros(int year, int month, int day, int hour, int minute, int nanos) {
        LocalDateTime time = LocalDateTime.of(year, month, day, hour, minute, 59, nanos);
        return time.toEpochSecond(ZoneOffset.UTC) * 1_000_000 + nanos / 1000;
    }

    /** A value, the type it is declared with, and the text that PostgreSQL shows of it. */
    private record Sample(LogicalType type, String declared, Object value, String text) {}

    private static List<Sample> samples() {
        int bc = (int) LocalDate.of(-43, 3, 15).toEpochDay();
        return List.of(
                new Sample(Simple.BOOLEAN, "boolean", true, "true"),
                new Sample(Simple.INT16, "smallint", -32768, "-32768"),
                new Sample(Simple.INT32, "integer", Integer.MIN_VALUE, "-2147483648"),
                new Sample(Simple.INT64, "bigint", Long.MAX_VALUE, "9223372036854775807"),
                new Sample(Simple.FLOAT32, "real", Float.NaN, "NaN"),
                new Sample(Simple.FLOAT32, "real", 0.1f, "0.1"),
                new Sample(Simple.FLOAT64, "double precision", Double.NEGATIVE_INFINITY, "-Infinity"),
                new Sample(Simple.FLOAT64, "double precision", Double.MIN_VALUE, "5e-324"),
                new Sample(Simple.TEXT, "text", "tab\t \"q\" \\ {,} NULL 😀 é", "tab\t \"q\" \\ {,} NULL 😀 é"),
                new Sample(Simple.TEXT, "text", "", ""),
                new Sample(Simple.TEXT, "character varying(5)", "abcde", "abcde"),
                new Sample(Simple.TEXT, "character(5)", "ab", "ab   "),
                new Sample(Simple.BYTES, "bytea", Bytes.wrap(new byte[] {0, 1, (byte) 0xff, '\\'}), "\\x0001ff5c"),
                new Sample(
                        Simple.UUID,
                        "uuid",
                        UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                new Sample(Simple.DATE, "date", 0, "1970-01-01"),
                new Sample(Simple.DATE, "date", bc, "0044-03-15 BC"),
                new Sample(Simple.DATE, "date", Temporals.DATE_INFINITY, "infinity"),
                new Sample(Simple.DATE, "date", Temporals.DATE_NEGATIVE_INFINITY, "-infinity"),
                new Sample(Simple.TIME, "time without time zone", 86_400_000_000L, "24:00:00"),
                new Sample(Simple.TIME, "time without time zone", 1L, "00:00:00.000001"),
                new Sample(
                        Simple.TIMESTAMP,
                        "timestamp without time zone",
                        micros(12024, 2, 29, 23, 58, 1000),
                        "12024-02-29 23:58:59.000001"),
                new Sample(Simple.TIMESTAMP, "timestamp without time zone", Temporals.TIMESTAMP_INFINITY, "infinity"),
                new Sample(
                        Simple.TIMESTAMPTZ,
                        "timestamp with time zone",
                        micros(-99, 1, 1, 0, 0, 0),
                        "0100-01-01 00:00:59+00 BC"),
                new Sample(
                        Simple.TIMESTAMPTZ,
                        "timestamp with time zone",
                        Temporals.TIMESTAMP_NEGATIVE_INFINITY,
                        "-infinity"),
                new Sample(Simple.JSON, "json", "{\"a\": [1, null]}", "{\"a\": [1, null]}"),
                new Sample(Simple.JSON, "jsonb", "{\"b\":1,\"a\":\"\\u00e9\"}", "{\"a\": \"é\", \"b\": 1}"),
                new Sample(
                        Numeric.UNBOUNDED,
                        "numeric",
                        new BigDecimal("-12345678901234567890.0012300"),
                        "-12345678901234567890.0012300"),
                new Sample(Numeric.UNBOUNDED, "numeric", NumericSpecial.NAN, "NaN"),
                new Sample(Numeric.UNBOUNDED, "numeric", NumericSpecial.NEGATIVE_INFINITY, "-Infinity"),
                new Sample(new Numeric(10, 2), "numeric(10,2)", new BigDecimal("1.50"), "1.50"),
                new Sample(new Array(Simple.INT32), "integer[]", Arrays.asList(1, null, -3), "{1,NULL,-3}"),
                new Sample(new Array(Simple.INT32), "integer[]", List.of(), "{}"),
                new Sample(
                        new Array(Simple.TEXT),
                        "text[]",
                        Arrays.asList("a,b", "NULL", null, "\"\\", ""),
                        "{\"a,b\",\"NULL\",NULL,\"\\\"\\\\\",\"\"}"),
                new Sample(new Array(Simple.BOOLEAN), "boolean[]", List.of(true, false), "{t,f}"),
                new Sample(
                        new Array(Simple.FLOAT64),
                        "double precision[]",
                        List.of(Double.NaN, Double.POSITIVE_INFINITY),
                        "{NaN,Infinity}"),
                new Sample(
                        new Array(Simple.DATE),
                        "date[]",
                        List.of(bc, Temporals.DATE_INFINITY),
                        "{\"0044-03-15 BC\",infinity}"),
                new Sample(new Array(Simple.TIME), "time without time zone[]", List.of(86_400_000_000L), "{24:00:00}"),
                new Sample(
                        new Array(Simple.TIMESTAMP),
                        "timestamp without time zone[]",
                        List.of(micros(12024, 2, 29, 23, 58, 1000)),
                        "{\"12024-02-29 23:58:59.000001\"}"),
                new Sample(
                        new Array(Simple.TIMESTAMPTZ),
                        "timestamp with time zone[]",
                        List.of(micros(-99, 1, 1, 0, 0, 0), Temporals.TIMESTAMP_INFINITY),
                        "{\"0100-01-01 00:00:59+00 BC\",infinity}"),
                new Sample(
                        new Array(Simple.BYTES), "bytea[]", List.of(Bytes.wrap(new byte[] {0, 7})), "{\"\\\\x0007\"}"),
                new Sample(
                        new Array(Simple.UUID),
                        "uuid[]",
                        List.of(UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
                        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"),
                new Sample(new Array(Simple.JSON), "jsonb[]", List.of("{\"a\":1}"), "{\"{\\\"a\\\": 1}\"}"),
                new Sample(
                        new Array(Numeric.UNBOUNDED),
                        "numeric[]",
                        List.of(new BigDecimal("1E+3"), NumericSpecial.NAN),
                        "{1000,NaN}"),
                new Sample(new Array(new Native("mood")), "mood[]", List.of("so so"), "{\"so so\"}"),
                new Sample(
                        new Array(new Native("box")),
                        "box[]",
                        List.of("(2,2),(1,1)", "(4,4),(3,3)"),
                        "{(2,2),(1,1);(4,4),(3,3)}"),
                new Sample(new Native("_int4"), "integer[]", "{{1,2},{3,4}}", "{{1,2},{3,4}}"),
                new Sample(new Native("mood"), "mood", "so so", "so so"),
                new Sample(new Native("interval"), "interval", "-1 years -2 mons +3 days", "-1 years -2 mons +3 days"),
                new Sample(new Native("inet"), "inet", "10.1.2.3/8", "10.1.2.3/8"),
                new Sample(new Native("int4range"), "int4range", "[1,5)", "[1,5)"),
                new Sample(new Native("bit"), "bit(3)", "101", "101"),
                new Sample(new Native("varbit"), "bit varying(5)", "10101", "10101"),
                new Sample(new Native("timetz"), "time with time zone", "01:02:03+04", "01:02:03+04"),
                new Sample(new Native("tsvector"), "tsvector", "'a':1 'b':2", "'a':1 'b':2"),
                new Sample(new Native("point"), "point", "(1,2)", "(1,2)"),
                new Sample(new Native("xml"), "xml", "<a/>", "<a/>"),
                new Sample(Simple.TEXT, "short", "abc", "abc"),
                // Into another type than its own: the target's cast decides.
                new Sample(Simple.INT64, "numeric(20,0)", 7L, "7"),
                new Sample(Simple.TEXT, "jsonb", "[]", "[]"),
                new Sample(Simple.TEXT, "\"char\"", "x", "x"));
    }

    @Test
    void everyCarrierReachesItsColumnUnharmed() throws SQLException {
        execute("CREATE TYPE mood AS ENUM ('so so', 'well')");
        execute("CREATE DOMAIN short AS varchar(3)");
        List<Column> columns = new ArrayList<>();
        List<Sample> samples = samples();
        for (int i = 0; i < samples.size(); i++) {
            columns.add(column("c" + i, samples.get(i).type(), samples.get(i).declared()));
        }
        RowSchema schema = schema(columns.toArray(new Column[0]));
        TargetTable table = table("types");
        assertThat(TargetTables.prepare(connection, table, schema, WriteRules.PLAIN))
                .isEmpty();

        Object[] values = new Object[samples.size() + 1];
        Object[] nulls = new Object[samples.size() + 1];
        values[0] = 1;
        nulls[0] = 2;
        for (int i = 0; i < samples.size(); i++) {
            values[i + 1] = samples.get(i).value();
        }
        upsert(table, schema, values, nulls);
        // And again by the other way, an update of a row that held nothing.
        Object[] updated = values.clone();
        updated[0] = 2;
        BitSet all = new BitSet();
        all.set(0, schema.size());
        assertThat(writer.apply(connection, new Write.Updates(table, schema, all, List.of(new Row(schema, updated))))
                        .rows())
                .isEqualTo(1);

        List<List<String>> rows = query("SELECT "
                + String.join(
                        ",", columns.stream().map(c -> c.name() + "::text").toList()) + " FROM types ORDER BY id");
        List<String> expected = samples.stream()
                .map(sample -> sample.declared().equals("character(5)") ? "ab" : sample.text())
                .toList();
        assertThat(rows.get(0)).isEqualTo(expected);
        assertThat(rows.get(1)).isEqualTo(expected);
    }

    @Test
    void whatIsTooLongIsRefusedAndNeverCut() throws SQLException {
        execute("CREATE DOMAIN short AS varchar(3)");
        Map<String, Object[]> tooLong = new LinkedHashMap<>();
        tooLong.put("character varying(3)", new Object[] {Simple.TEXT, "abcd"});
        tooLong.put("character(3)", new Object[] {Simple.TEXT, "abcd"});
        tooLong.put("short", new Object[] {Simple.TEXT, "abcd"});
        tooLong.put("bit(3)", new Object[] {new Native("bit"), "1010"});
        tooLong.put("bit varying(3)", new Object[] {new Native("varbit"), "1010"});
        tooLong.put("character varying(3)[]", new Object[] {new Array(Simple.TEXT), List.of("abcd")});
        tooLong.put("smallint", new Object[] {Simple.INT32, 70_000});
        tooLong.put("date", new Object[] {Simple.DATE, Integer.MIN_VALUE + 1});
        tooLong.put("timestamp without time zone", new Object[] {Simple.TIMESTAMP, Long.MIN_VALUE + 1});
        int count = 0;
        for (Map.Entry<String, Object[]> each : tooLong.entrySet()) {
            TargetTable table = table("narrow" + count++);
            RowSchema schema = schema(column("v", (LogicalType) each.getValue()[0], each.getKey()));
            assertThat(TargetTables.prepare(connection, table, schema, WriteRules.PLAIN))
                    .isEmpty();
            assertThatThrownBy(() -> upsert(table, schema, new Object[] {1, each.getValue()[1]}))
                    .as(each.getKey())
                    .isInstanceOfSatisfying(SQLException.class, e -> assertThat(SqlErrors.reaction(e))
                            .isEqualTo(SqlErrors.Reaction.DATA));
        }
    }

    @Test
    void hostileNamesAreOnlyNames() throws SQLException {
        String nasty = "a\"; DROP TABLE x; -- \\ ' $1 ? é select";
        TargetTable table = new TargetTable("Odd \"schema\"", nasty.substring(0, 30));
        RowSchema schema = new RowSchema(
                "t",
                List.of(
                        new Column(nasty, Simple.TEXT, "text", false),
                        new Column("select", Simple.TEXT, "text", true),
                        new Column("c0", Simple.TEXT, "text", true)),
                List.of(nasty));
        assertThat(TargetTables.prepare(connection, table, schema, WriteRules.PLAIN))
                .isEmpty();
        assertThat(TargetTables.prepare(connection, table, schema, WriteRules.PLAIN))
                .isEmpty();
        assertThat(upsert(table, schema, new Object[] {"k", "v", "w"})).isEqualTo(1);
        BitSet known = BitSet.valueOf(new long[] {0b011});
        Row partial = new Row(schema, new Object[] {"k", "x", Unchanged.UNCHANGED});
        assertThat(writer.apply(connection, new Write.Updates(table, schema, known, List.of(partial)))
                        .rows())
                .isEqualTo(1);
        String name = "\"Odd \"\"schema\"\"\".\"" + table.table().replace("\"", "\"\"") + "\"";
        assertThat(query("SELECT * FROM " + name)).containsExactly(List.of("k", "x", "w"));
        assertThat(delete(table, schema, "k")).isEqualTo(1);
    }

    @Test
    void threeHundredColumnsAreWrittenAndUpdated() throws SQLException {
        Column[] columns = new Column[300];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = column("column_" + i, i % 2 == 0 ? Simple.TEXT : Simple.INT64, i % 2 == 0 ? "text" : "bigint");
        }
        RowSchema schema = schema(columns);
        TargetTable table = table("wide");
        TargetTables.prepare(connection, table, schema, WriteRules.PLAIN);
        List<Row> rows = new ArrayList<>();
        for (int id = 0; id < 500; id++) {
            Object[] values = new Object[301];
            values[0] = id;
            for (int i = 0; i < 300; i++) {
                values[i + 1] = i % 2 == 0 ? "v" + id : (Object) (long) i;
            }
            rows.add(new Row(schema, values));
        }
        assertThat(writer.apply(connection, new Write.Upserts(table, schema, rows, false))
                        .rows())
                .isEqualTo(500);
        assertThat(writer.apply(connection, new Write.Upserts(table, schema, rows, false))
                        .rows())
                .isEqualTo(500);
        assertThat(query("SELECT count(*), max(column_299), min(column_0) FROM wide"))
                .containsExactly(List.of("500", "299", "v0"));
    }

    @Test
    void generatedAndIdentityColumnsAreRespected() throws SQLException {
        execute(
                "CREATE TABLE made (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
                        + "serial integer GENERATED ALWAYS AS IDENTITY, a integer, twice integer GENERATED ALWAYS AS (a * 2) STORED)");
        RowSchema schema = schema(
                column("serial", Simple.INT32, "integer"),
                column("a", Simple.INT32, "integer"),
                column("twice", Simple.INT32, "integer"));
        TargetTable table = table("made");
        assertThat(TargetTables.missing(connection, table, schema, WriteRules.PLAIN))
                .isEmpty();
        upsert(table, schema, new Object[] {7, 70, 1, 99});
        upsert(table, schema, new Object[] {7, 70, 5, 99});
        assertThat(query("SELECT * FROM made")).containsExactly(List.of("7", "70", "5", "10"));
    }

    @Test
    void aTableOfKeysAloneIsInsertedAndDeleted() throws SQLException {
        RowSchema schema = schema();
        TargetTable table = table("keys");
        TargetTables.prepare(connection, table, schema, WriteRules.PLAIN);
        assertThat(upsert(table, schema, new Object[] {1}, new Object[] {2})).isEqualTo(2);
        assertThat(upsert(table, schema, new Object[] {1})).isZero();
        assertThat(delete(table, schema, 1)).isEqualTo(1);
        assertThat(query("SELECT id FROM keys")).containsExactly(List.of("2"));
    }

    @Test
    void aRowMadeAnewKeepsNothingOfTheOneBefore() throws SQLException {
        execute("CREATE TABLE renewed (id integer PRIMARY KEY, a integer, local text DEFAULT 'fresh')");
        RowSchema schema = schema(column("a", Simple.INT32, "integer"));
        TargetTable table = table("renewed");
        upsert(table, schema, new Object[] {1, 1});
        execute("UPDATE renewed SET local = 'used'");
        upsert(table, schema, new Object[] {1, 2});
        assertThat(query("SELECT local FROM renewed")).containsExactly(List.of("used"));
        Row row = new Row(schema, new Object[] {1, 3});
        writer.apply(connection, new Write.Upserts(table, schema, List.of(row), true));
        assertThat(query("SELECT a, local FROM renewed")).containsExactly(List.of("3", "fresh"));
    }

    @Test
    void anUpdateWithoutItsRowHalts() throws SQLException {
        RowSchema schema = schema(column("a", Simple.INT32, "integer"), column("b", Simple.INT32, "integer"));
        TargetTable table = table("partial");
        TargetTables.prepare(connection, table, schema, WriteRules.PLAIN);
        Row row = new Row(schema, new Object[] {1, 3, Unchanged.UNCHANGED});
        Write write = new Write.Updates(table, schema, BitSet.valueOf(new long[] {0b011}), List.of(row));
        assertThatThrownBy(() -> writer.apply(connection, write))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("ROW_MISSING");
    }

    @Test
    void whatTheTargetLacksIsSaidWithTheStatementThatMendsIt() throws SQLException {
        RowSchema schema = schema(column("a", new Native("mood"), "public.mood"));
        assertThat(TargetTables.prepare(connection, table("lacking"), schema, WriteRules.PLAIN))
                .extracting(Finding::problem)
                .containsExactly("the target database has no type public.mood");
        RowSchema injected = schema(column("a", Simple.TEXT, "text); DROP TABLE x; --"));
        assertThat(TargetTables.prepare(connection, table("lacking"), injected, WriteRules.PLAIN))
                .hasSize(1);

        execute("CREATE TABLE lacking (id integer, needed text NOT NULL, n numeric(10,1))");
        RowSchema rows = schema(
                column("b", Simple.TEXT, "character varying(9)"), column("n", new Numeric(10, 4), "numeric(10,4)"));
        assertThat(TargetTables.prepare(connection, table("lacking"), rows, WriteRules.PLAIN))
                .extracting(finding -> finding.place() + ": " + finding.remedy())
                .containsExactly(
                        "table lacking column b: Run: ALTER TABLE \"public\".\"lacking\" ADD COLUMN \"b\" character varying(9)",
                        "table lacking: Run: CREATE UNIQUE INDEX CONCURRENTLY ON \"public\".\"lacking\" (\"id\")",
                        "table lacking column needed: Map the column, or run: ALTER TABLE \"public\".\"lacking\" ALTER COLUMN "
                                + "\"needed\" SET DEFAULT …",
                        "table lacking column n: Run: ALTER TABLE \"public\".\"lacking\" ALTER COLUMN \"n\" TYPE numeric(13,4)");
        assertThatThrownBy(() -> upsert(table("lacking"), rows, new Object[] {1, "x", BigDecimal.ONE}))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("ADD COLUMN");
        assertThatThrownBy(() -> upsert(table("nowhere"), rows, new Object[] {1, "x", BigDecimal.ONE}))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("TARGET_TABLE_MISSING");
    }

    @Test
    void aColumnThatWouldRoundOrCutItsValuesWithoutAWordIsRefused() throws SQLException {
        execute(
                "CREATE TABLE narrow (id integer PRIMARY KEY, n integer, m bigint, d numeric, f real, g real, h double precision,"
                        + " day date, t timestamp(3), o name, fits double precision, whole bigint, same timestamp(3))");
        Column whole = column("whole", new Numeric(10, 0), "numeric(10,0)");
        Column same = column("same", Simple.TIMESTAMP, "timestamp(3) without time zone");
        RowSchema rows = schema(
                column("n", Simple.FLOAT64, "double precision"),
                column("m", Numeric.UNBOUNDED, "numeric"),
                column("d", Simple.FLOAT64, "double precision"),
                column("f", Simple.FLOAT64, "double precision"),
                column("g", Simple.INT32, "integer"),
                column("h", Simple.INT64, "bigint"),
                column("day", Simple.TIMESTAMPTZ, "timestamp with time zone"),
                column("t", Simple.TIMESTAMP, "timestamp without time zone"),
                column("o", Simple.TEXT, "text"),
                column("fits", Simple.FLOAT32, "real"),
                whole,
                same);
        assertThat(TargetTables.prepare(connection, table("narrow"), rows, WriteRules.PLAIN))
                .filteredOn(finding -> finding.severity() == Finding.Severity.ERROR)
                .extracting(finding -> finding.place().replace("table narrow column ", ""))
                .containsExactly("n", "m", "d", "f", "g", "h", "day", "t", "o");
        assertThatThrownBy(() -> upsert(
                        table("narrow"), schema(column("n", Simple.FLOAT64, "double precision")), new Object[] {1, 1.5
                        }))
                .isInstanceOf(HaltException.class)
                .hasMessageContainingAll("TARGET_UNSUITABLE", "column n", "`type: integer`");
        assertThat(upsert(table("narrow"), schema(whole, same), new Object[] {1, new BigDecimal(7), 1000L}))
                .isEqualTo(1);
    }

    @Test
    void textWithAZeroCharacterIsADataError() throws SQLException {
        RowSchema schema = schema(column("a", Simple.TEXT, "text"));
        TargetTable table = table("zero");
        TargetTables.prepare(connection, table, schema, WriteRules.PLAIN);
        String zero = new String(new byte[] {'a', 0}, StandardCharsets.UTF_8);
        assertThatThrownBy(() -> upsert(table, schema, new Object[] {1, zero}))
                .isInstanceOfSatisfying(SQLException.class, e -> assertThat(SqlErrors.reaction(e))
                        .isEqualTo(SqlErrors.Reaction.DATA));
    }

    @Test
    void aKeyIsShownAsItsSourceLastWroteIt() throws SQLException {
        RowSchema schema = new RowSchema(
                "t",
                List.of(new Column("id", new Numeric(null, null), "numeric", false), column("a", Simple.TEXT, "text")),
                List.of("id"));
        TargetTable table = table("shown");
        TargetTables.prepare(connection, table, schema, WriteRules.PLAIN);
        upsert(table, schema, new Object[] {new BigDecimal("1.0"), "a"});
        upsert(table, schema, new Object[] {new BigDecimal("1.00"), "b"});
        assertThat(query("SELECT id, a FROM shown")).containsExactly(List.of("1.00", "b"));

        Row patch = new Row(schema, new Object[] {new BigDecimal("1.000"), Unchanged.UNCHANGED});
        BitSet known = new BitSet();
        known.set(0);
        writer.apply(connection, new Write.Updates(table, schema, known, List.of(patch)));
        assertThat(query("SELECT id, a FROM shown")).containsExactly(List.of("1.000", "b"));
    }
}

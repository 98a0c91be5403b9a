package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.NumericSpecial;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.Temporals;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Every type at its limits: a value read by the first load and the same value read from the log are equal. */
class TypesIT {

    /** A value as SQL, and its carrier. */
    private record Sample(String sql, Object carrier) {}

    private static Sample of(String sql, Object carrier) {
        return new Sample(sql, carrier);
    }

    private static final int STREAMED = 1000;

    private static final Map<String, List<Sample>> SAMPLES = new java.util.LinkedHashMap<>();

    static {
        SAMPLES.put("smallint", List.of(of("-32768", -32768), of("32767", 32767)));
        SAMPLES.put("integer", List.of(of("-2147483648", Integer.MIN_VALUE), of("2147483647", Integer.MAX_VALUE)));
        SAMPLES.put(
                "bigint",
                List.of(of("-9223372036854775808", Long.MIN_VALUE), of("9223372036854775807", Long.MAX_VALUE)));
        SAMPLES.put(
                "numeric",
                List.of(
                        of("1.50", new BigDecimal("1.50")),
                        of("-0.000", new BigDecimal("0.000")),
                        of("'NaN'", NumericSpecial.NAN),
                        of("'Infinity'", NumericSpecial.POSITIVE_INFINITY),
                        of("'-Infinity'", NumericSpecial.NEGATIVE_INFINITY),
                        of(
                                "12345678901234567890.123456789012345678901234567890",
                                new BigDecimal("12345678901234567890.123456789012345678901234567890")),
                        of("1e-300", new BigDecimal("1e-300")),
                        of("1e300", new BigDecimal("1e300").setScale(0))));
        SAMPLES.put(
                "numeric(12,3)",
                List.of(of("-1.5", new BigDecimal("-1.500")), of("999999999.999", new BigDecimal("999999999.999"))));
        SAMPLES.put("numeric(5,-2)", List.of(of("12345", new BigDecimal("12300"))));
        SAMPLES.put(
                "real",
                List.of(
                        of("1.1", 1.1f),
                        of("'NaN'", Float.NaN),
                        of("'-Infinity'", Float.NEGATIVE_INFINITY),
                        of("'-0'", -0f),
                        of("3.4028235e38", Float.MAX_VALUE),
                        of("1e-45", Float.MIN_VALUE)));
        SAMPLES.put(
                "double precision",
                List.of(
                        of("0.1", 0.1),
                        of("'NaN'", Double.NaN),
                        of("'Infinity'", Double.POSITIVE_INFINITY),
                        of("'-0'", -0d),
                        of("1.7976931348623157e308", Double.MAX_VALUE),
                        of("5e-324", Double.MIN_VALUE)));
        String odd =
                "tab\t newline\n return\r back\\slash \\N quote' \b\f\u000b \u0001 \u00e9 \u4e2d \ud83d\ude00 \ufffd {,\"}";
        SAMPLES.put("text", List.of(of("''", ""), of(literal(odd), odd), of("'\\N'", "\\N"), of("'NULL'", "NULL")));
        SAMPLES.put("varchar(20)", List.of(of("'trailing  '", "trailing  ")));
        SAMPLES.put("char(5)", List.of(of("'ab'", "ab   ")));
        SAMPLES.put("bytea", List.of(of("'\\x'", Bytes.wrap(new byte[0])), of("'\\x00ff5c0a'", Bytes.wrap(new byte[] {
            0, -1, 0x5c, 0x0a
        }))));
        SAMPLES.put("boolean", List.of(of("true", true), of("false", false)));
        SAMPLES.put(
                "uuid",
                List.of(of(
                        "'ffffffff-0000-4000-8000-00000000000f'",
                        UUID.fromString("ffffffff-0000-4000-8000-00000000000f"))));
        SAMPLES.put(
                "date",
                List.of(
                        of("'1970-01-01'", 0),
                        of("'1969-12-31'", -1),
                        of("'2000-02-29'", 11016),
                        of("'0044-03-15 BC'", (int)
                                java.time.LocalDate.of(-43, 3, 15).toEpochDay()),
                        of("'4713-01-01 BC'", (int)
                                java.time.LocalDate.of(-4712, 1, 1).toEpochDay()),
                        of("'5874897-12-31'", (int)
                                java.time.LocalDate.of(5874897, 12, 31).toEpochDay()),
                        of("'infinity'", Temporals.DATE_INFINITY),
                        of("'-infinity'", Temporals.DATE_NEGATIVE_INFINITY)));
        SAMPLES.put(
                "time",
                List.of(
                        of("'00:00'", 0L),
                        of("'24:00'", 86_400_000_000L),
                        of("'23:59:59.999999'", 86_399_999_999L),
                        of("'12:00:00.05'", 43_200_050_000L)));
        SAMPLES.put(
                "timestamp",
                List.of(
                        of("'1970-01-01 00:00:00.000001'", 1L),
                        of("'1969-12-31 23:59:59.999999'", -1L),
                        of("'infinity'", Temporals.TIMESTAMP_INFINITY),
                        of("'-infinity'", Temporals.TIMESTAMP_NEGATIVE_INFINITY),
                        of(
                                "'0001-01-01 00:00:00 BC'",
                                java.time.LocalDate.of(0, 1, 1).toEpochDay() * 86_400_000_000L),
                        of(
                                "'4714-11-24 00:00:00 BC'",
                                java.time.LocalDate.of(-4713, 11, 24).toEpochDay() * 86_400_000_000L),
                        of(
                                "'12345-06-07 08:09:10.5'",
                                java.time.LocalDate.of(12345, 6, 7).toEpochDay() * 86_400_000_000L + 29_350_500_000L)));
        SAMPLES.put(
                "timestamptz",
                List.of(
                        of("'2020-01-01 00:00:00.123456+05:30'", 1_577_817_000_123_456L),
                        of("'infinity'", Temporals.TIMESTAMP_INFINITY),
                        of(
                                "'0001-01-01 00:00:00+00 BC'",
                                java.time.LocalDate.of(0, 1, 1).toEpochDay() * 86_400_000_000L)));
        SAMPLES.put(
                "json",
                List.of(
                        of("'{\"b\": 1,  \"a\":[1.0, null]}'", "{\"b\": 1,  \"a\":[1.0, null]}"),
                        of("'null'", "null")));
        SAMPLES.put("jsonb", List.of(of("'{\"b\":1,\"a\":[1.0,null]}'", "{\"a\": [1.0, null], \"b\": 1}")));
        SAMPLES.put("mood", List.of(of("'so-so'", "so-so"), of("'ha\"ppy, {x}'", "ha\"ppy, {x}")));
        SAMPLES.put("positive", List.of(of("7", 7)));
        SAMPLES.put("inet", List.of(of("'192.168.0.1/24'", "192.168.0.1/24"), of("'::1'", "::1")));
        SAMPLES.put(
                "interval",
                List.of(of("'-1 year -2 mons 3 days -04:05:06.000007'", "-1 years -2 mons +3 days -04:05:06.000007")));
        SAMPLES.put("int4range", List.of(of("'[1,5)'", "[1,5)"), of("'empty'", "empty")));
        SAMPLES.put("bit varying(9)", List.of(of("B'10110'", "10110")));
        SAMPLES.put("money", List.of(of("1234.5::numeric", "$1,234.50")));
        SAMPLES.put("timetz", List.of(of("'12:00:00.5+02'", "12:00:00.5+02")));
        SAMPLES.put("point", List.of(of("'(1.5,-2)'", "(1.5,-2)")));
        SAMPLES.put("tsvector", List.of(of("'fat cat'", "'cat' 'fat'")));
        SAMPLES.put("xml", List.of(of("'<a>b</a>'", "<a>b</a>")));
        SAMPLES.put("oid", List.of(of("4294967295", "4294967295")));
        SAMPLES.put("int[]", List.of(of("'{}'", List.of()), of("'{1,NULL,-3}'", Arrays.asList(1, null, -3))));
        SAMPLES.put(
                "text[]",
                List.of(of(
                        "ARRAY['a','','NULL',NULL,'q\"','b\\s','c,d','{e}',' f ']",
                        Arrays.asList("a", "", "NULL", null, "q\"", "b\\s", "c,d", "{e}", " f "))));
        SAMPLES.put(
                "numeric(6,2)[]",
                List.of(of(
                        "'{1,2.5,NaN}'", List.of(new BigDecimal("1.00"), new BigDecimal("2.50"), NumericSpecial.NAN))));
        SAMPLES.put(
                "bytea[]",
                List.of(of("ARRAY['\\x00ff'::bytea, NULL]", Arrays.asList(Bytes.wrap(new byte[] {0, -1}), null))));
        SAMPLES.put(
                "timestamptz[]",
                List.of(of("ARRAY['2020-01-01 00:00:00+00'::timestamptz]", List.of(1_577_836_800_000_000L))));
        SAMPLES.put("jsonb[]", List.of(of("ARRAY['{\"a\": \"b\\\"c\"}'::jsonb]", List.of("{\"a\": \"b\\\"c\"}"))));
        SAMPLES.put(
                "uuid[]",
                List.of(of(
                        "'{ffffffff-0000-4000-8000-00000000000f}'",
                        List.of(UUID.fromString("ffffffff-0000-4000-8000-00000000000f")))));
        SAMPLES.put("mood[]", List.of(of("ARRAY['so-so','ha\"ppy, {x}']::mood[]", List.of("so-so", "ha\"ppy, {x}"))));
        SAMPLES.put("boolean[]", List.of(of("'{t,f}'", List.of(true, false))));
        SAMPLES.put("int[][]", List.of(of("'{{1,2},{3,4}}'", "{{1,2},{3,4}}")));
    }

    private static String literal(String text) {
        StringBuilder sql = new StringBuilder("E'");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\'' || c == '\\') {
                sql.append('\\').append(c);
            } else if (c < ' ') {
                sql.append(String.format("\\x%02x", (int) c));
            } else {
                sql.append(c);
            }
        }
        return sql.append('\'').toString();
    }

    @Test
    void aValueIsTheSameFromTheFirstLoadAndFromTheLog() throws Exception {
        try (Capture capture = new Capture("types")) {
            capture.execute(
                    "CREATE TYPE mood AS ENUM ('so-so', 'ha\"ppy, {x}')",
                    "CREATE DOMAIN positive AS int CHECK (VALUE > 0)");
            List<String> types = List.copyOf(SAMPLES.keySet());
            List<String> columns = new ArrayList<>();
            for (int i = 0; i < types.size(); i++) {
                columns.add("c" + i + " " + types.get(i));
            }
            capture.execute("CREATE TABLE types (id int PRIMARY KEY, " + String.join(", ", columns) + ")");
            insert(capture, 0);
            PostgresSource source = capture.reading("types").start();
            Capture.awaitStreaming(source);
            insert(capture, STREAMED);
            capture.awaitCaughtUp(source);

            Map<Integer, Change.Upserted> byId = new HashMap<>();
            for (Change change : capture.changes("types")) {
                Change.Upserted upserted = (Change.Upserted) change;
                byId.put((Integer) Objects.requireNonNull(upserted.after().value("id")), upserted);
            }
            assertThat(byId).hasSize(2 * rows());
            for (int row = 0; row < rows(); row++) {
                Change.Upserted loaded = Objects.requireNonNull(byId.get(row));
                Change.Upserted streamed = Objects.requireNonNull(byId.get(STREAMED + row));
                assertThat(loaded.provenance().kind()).isEqualTo(Provenance.Kind.SNAPSHOT);
                assertThat(streamed.provenance().kind()).isEqualTo(Provenance.Kind.STREAM);
                assertThat(streamed.after().schema()).isEqualTo(loaded.after().schema());
                for (int i = 0; i < types.size(); i++) {
                    Sample sample = sample(types.get(i), row);
                    Object wanted = sample == null ? null : sample.carrier();
                    String what = types.get(i) + ", value " + row;
                    assertThat(loaded.after().value("c" + i))
                            .as(what + ", loaded")
                            .isEqualTo(wanted);
                    assertThat(streamed.after().value("c" + i))
                            .as(what + ", streamed")
                            .isEqualTo(wanted);
                }
            }
        }
    }

    /** One more than there are samples of any type: a row of nulls. */
    private static int rows() {
        return 1 + SAMPLES.values().stream().mapToInt(List::size).max().orElseThrow();
    }

    private static Sample sample(String type, int row) {
        List<Sample> samples = Objects.requireNonNull(SAMPLES.get(type));
        return row < samples.size() ? samples.get(row) : null;
    }

    private static void insert(Capture capture, int from) throws Exception {
        for (int row = 0; row < rows(); row++) {
            StringBuilder values = new StringBuilder();
            for (String type : SAMPLES.keySet()) {
                Sample sample = sample(type, row);
                values.append(", ").append(sample == null ? "NULL" : sample.sql());
            }
            capture.execute("INSERT INTO types VALUES (" + (from + row) + values + ")");
        }
    }

    @Test
    void whatACarrierCanNotHoldHaltsAndNamesTheColumn() throws Exception {
        for (String[] each : new String[][] {
            {"int[]", "'{{1,2},{3,4}}'"}, {"int[]", "'[0:1]={1,2}'"}, {"timestamp", "'294276-12-31 23:59:59'"}
        }) {
            try (Capture capture = new Capture("lossy")) {
                capture.execute("CREATE TABLE lossy (id int PRIMARY KEY, v " + each[0] + ")");
                PostgresSource source = capture.reading("lossy").start();
                Capture.awaitStreaming(source);
                capture.execute("INSERT INTO lossy VALUES (1, " + each[1] + ")");

                assertThat(Objects.requireNonNull(Capture.awaitHalt(source).cause())
                                .getMessage())
                        .contains("VALUE_NOT_REPRESENTABLE", "column v", "shop.public.lossy")
                        .doesNotContain("294276");
            }
        }
    }

    /** Keys are in canonical form, rows as written. */
    @Test
    void keysOfOneValueAreOneKey() throws Exception {
        try (Capture capture = new Capture("numerickey")) {
            capture.execute(
                    "CREATE TABLE priced (amount numeric PRIMARY KEY, n int)", "INSERT INTO priced VALUES (1.50, 1)");
            PostgresSource source = capture.reading("priced").start();
            Capture.awaitStreaming(source);
            capture.execute("UPDATE priced SET amount = 1.5, n = 2");
            capture.awaitCaughtUp(source);

            List<Change> changes = capture.changes("priced");
            Map<Key, Row> rows = Capture.replayed(changes);
            assertThat(rows).hasSize(1);
            assertThat(changes).hasSize(2);
            assertThat(Capture.lines(rows)).containsExactly("1.5|2");
        }
    }
}

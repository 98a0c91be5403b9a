package io.sluice.sink.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.codec.LoadMarker.Kind;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Temporals;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SweeperIT {

    private static final TargetTable T = TargetTable.inDefaultSchema("Odd \"T'able");
    private static final String NAME = "\"Odd \"\"T'able\"";
    private static final RowSchema ROWS = schema("id", Simple.INT64, "bigint");

    private SweepRig rig;

    @BeforeEach
    void open() throws SQLException {
        rig = new SweepRig(PostgresServer.shared().freshDatabase("sweeper"));
    }

    @AfterEach
    void close() throws SQLException {
        rig.close();
    }

    private static RowSchema schema(String name, LogicalType type, String declared) {
        return new RowSchema("t", List.of(new Column(name, type, declared, false)), List.of(name));
    }

    private static Key key(RowSchema schema, Object... parts) {
        return new Key(schema.keySchema(), parts);
    }

    private static List<Key> keys(long from, long to) {
        return LongStream.range(from, to).mapToObj(id -> key(ROWS, id)).toList();
    }

    /** Keys of one type, of which all but every third are seen. */
    private record Keys(String declared, LogicalType type, List<Object> values) {

        @Override
        public String toString() {
            return declared;
        }
    }

    static Stream<Keys> keyTypes() {
        UUID uuid = UUID.fromString("00000000-0000-0000-8000-000000000001");
        return Stream.of(
                new Keys("bigint", Simple.INT64, List.of(Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE)),
                new Keys("smallint", Simple.INT16, List.of(-32768, -1, 0, 32767)),
                new Keys("text", Simple.TEXT, List.of("", "a", "A", "a ", "ä", "a'b\"c\\d,{}", "\n\t", "😀", "NULL")),
                new Keys("text COLLATE \"C\"", Simple.TEXT, List.of("", "a", "A", "B", "ä")),
                new Keys("varchar(3)", Simple.TEXT, List.of("", "a", "abc", "a b")),
                new Keys("char(5)", Simple.TEXT, List.of("", "a", "abcde", "a b", "äöü")),
                new Keys("\"char\"", Simple.TEXT, List.of("a", "b", "c", "d")),
                new Keys("uuid", Simple.UUID, List.of(uuid, new UUID(0, 0), new UUID(-1, -1), new UUID(1, -1))),
                new Keys(
                        "numeric",
                        Numeric.UNBOUNDED,
                        List.of(
                                new BigDecimal("1.10"),
                                new BigDecimal("-1e30"),
                                new BigDecimal("0.00"),
                                NumericSpecial.NAN,
                                new BigDecimal("1e-30"))),
                new Keys(
                        "numeric(10,2)",
                        new Numeric(10, 2),
                        List.of(new BigDecimal("1.10"), new BigDecimal("1.1e3"), BigDecimal.ZERO, BigDecimal.TEN)),
                new Keys(
                        "double precision",
                        Simple.FLOAT64,
                        List.of(-0.0, Double.NaN, 0.1, 1.0 / 3, 4.9e-324, Double.POSITIVE_INFINITY, 1e22)),
                new Keys("real", Simple.FLOAT32, List.of(0.1f, 1 / 3f, Float.NaN, -1e38f)),
                new Keys("boolean", Simple.BOOLEAN, List.of(true, false)),
                new Keys("date", Simple.DATE, List.of(0, -800_000, Temporals.DATE_INFINITY, 2_000_000)),
                new Keys("time", Simple.TIME, List.of(0L, 1L, 86_400_000_000L)),
                new Keys(
                        "timestamp",
                        Simple.TIMESTAMP,
                        List.of(1L, -100_000_000_000_000_000L, Temporals.TIMESTAMP_INFINITY, 999_999L)),
                new Keys("timestamp(3)", Simple.TIMESTAMP, List.of(1_000L, 1_700L, 5L, 1_000_000L)),
                new Keys(
                        "timestamptz",
                        Simple.TIMESTAMPTZ,
                        List.of(1L, -100_000_000_000_000_000L, Temporals.TIMESTAMP_NEGATIVE_INFINITY, 9_999_999L)),
                new Keys("bytea", Simple.BYTES, List.of(Bytes.wrap(new byte[0]), Bytes.wrap(new byte[] {0, -1, 39, 92
                }))),
                new Keys("interval", new Native("interval"), List.of("1 mon", "-1 days", "00:00:00.000001", "1 year")),
                new Keys("inet", new Native("inet"), List.of("10.0.0.1", "10.0.0.0/8", "::1", "10.0.0.1/24")),
                new Keys("mood", new Native("mood"), List.of("sad", "ok", "very happy")),
                new Keys("small", new Native("small"), List.of("a", "b c", "")));
    }

    @ParameterizedTest
    @MethodSource("keyTypes")
    void aKeyOfAnyTypeIsFoundAgain(Keys keys) throws SQLException {
        rig.execute("CREATE TYPE mood AS ENUM ('very happy', 'ok', 'sad')");
        rig.execute("CREATE DOMAIN small AS varchar(3) CHECK (length(value) < 4)");
        for (int rows : new int[] {1, 100}) {
            rig.execute("DROP TABLE IF EXISTS " + NAME);
            rig.execute("CREATE TABLE " + NAME + " (\"The Key\" " + keys.declared() + " PRIMARY KEY)");
            rig.prepare(T, List.of("The Key"));
            RowSchema schema = schema("The Key", keys.type(), keys.declared());
            List<Row> all = new ArrayList<>();
            List<Key> seen = new ArrayList<>();
            for (int i = 0; i < keys.values().size(); i++) {
                all.add(new Row(schema, new Object[] {keys.values().get(i)}));
                if (i % 3 != 1) {
                    seen.add(key(schema, keys.values().get(i)));
                }
            }
            rig.write(T, schema, all);
            assertThat(rig.query("SELECT count(*) FROM " + NAME)).containsExactly(Integer.toString(all.size()));
            String load = "1." + rows;
            rig.mark(T, Kind.BEGIN, load);
            rig.see(T, load, seen);
            rig.mark(T, Kind.END, load);

            assertThat(rig.sweep(rig.sweeper(rows))).isEqualTo(all.size() - seen.size());
            rig.execute("DROP TABLE IF EXISTS kept");
            rig.execute("ALTER TABLE " + NAME + " RENAME TO kept");
            rig.execute("CREATE TABLE " + NAME + " AS SELECT * FROM kept WITH NO DATA");
            rig.execute("ALTER TABLE " + NAME + " ADD PRIMARY KEY (\"The Key\")");
            rig.write(
                    T,
                    schema,
                    seen.stream()
                            .map(of -> new Row(schema, new Object[] {of.part(0)}))
                            .toList());
            assertThat(rig.query(
                            "SELECT count(*) FROM " + NAME + " t FULL JOIN kept k ON t.\"The Key\" = k.\"The Key\" "
                                    + "WHERE t.\"The Key\" IS NULL OR k.\"The Key\" IS NULL"))
                    .containsExactly("0");
            assertThat(rig.query("SELECT state FROM sluice.load WHERE load = '" + load + "'"))
                    .containsExactly("done");
            assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");
        }
    }

    @Test
    void aKeyOfSeveralColumnsIsFoundInTheOrderOfItsIndex() throws SQLException {
        RowSchema schema = new RowSchema(
                "t",
                List.of(
                        new Column("A", Simple.TEXT, "text", false),
                        new Column("b", Simple.UUID, "uuid", false),
                        new Column("load", Numeric.UNBOUNDED, "numeric", false)),
                List.of("A", "b", "load"));
        rig.execute("CREATE TABLE " + NAME + " (\"A\" text, b uuid, load numeric, PRIMARY KEY (load, \"A\", b))");
        rig.prepare(T, List.of("A", "b", "load"));
        List<Row> rows = new ArrayList<>();
        List<Key> seen = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Object[] parts = {"a" + i % 2, new UUID(0, i % 3), BigDecimal.valueOf(i % 5 * 10L + i / 30, 1)};
            rows.add(new Row(schema, parts.clone()));
            if (i % 7 != 0) {
                seen.add(key(schema, parts));
            }
        }
        rig.write(T, schema, rows);
        rig.mark(T, Kind.BEGIN, "1.1");
        rig.see(T, "1.1", seen);
        rig.mark(T, Kind.END, "1.1");

        assertThat(rig.sweep(rig.sweeper(4))).isEqualTo(9);
        assertThat(rig.query("SELECT count(*) FROM " + NAME)).containsExactly("51");
        assertThat(rig.query("SELECT key_columns FROM sluice.seen")).containsExactly("{load,A,b}");
    }

    private void thousandRows() throws SQLException {
        rig.execute("CREATE TABLE " + NAME + " (id bigint PRIMARY KEY)");
        rig.execute("INSERT INTO " + NAME + " SELECT generate_series(0, 999)");
        rig.prepare(T, List.of("id"));
        rig.mark(T, Kind.BEGIN, "1.1");
    }

    private List<String> left() throws SQLException {
        return rig.query("SELECT count(*) FROM " + NAME);
    }

    @Test
    void withoutTheKeysThatWereSeenTheSweepWouldTakeEverything() throws SQLException {
        thousandRows();
        rig.mark(T, Kind.END, "1.1");
        assertThat(rig.sweep(rig.sweeper(100)))
                .as("the control: nothing was noted")
                .isEqualTo(1_000);
    }

    @Test
    void aSweeperThatEndsInTheMiddleIsFollowedByAnotherFromWhereItWas() throws SQLException {
        thousandRows();
        rig.see(T, "1.1", keys(100, 200));
        rig.mark(T, Kind.END, "1.1");
        try (Connection first = rig.connect()) {
            Sweeper sweeper = rig.sweeper(10);
            for (int i = 0; i < 20; i++) {
                sweeper.step(first, rig.topicIds());
                first.commit();
            }
            // What it did last never came to be.
            sweeper.step(first, rig.topicIds());
            first.rollback();
        }
        assertThat(left()).containsExactly("900");
        assertThat(rig.query("SELECT reached FROM sluice.load")).containsExactly("{199}");
        assertThat(rig.sweep(rig.sweeper(10))).isEqualTo(800);
        assertThat(rig.query("SELECT swept FROM sluice.load")).containsExactly("900");
        assertThat(rig.sweep(rig.sweeper(10))).isZero();
        assertThat(left()).containsExactly("100");
    }

    @Test
    void aRowThatComesBackWhileItsDeletionIsDueIsKept() throws SQLException {
        thousandRows();
        rig.see(T, "1.1", keys(0, 900));
        rig.mark(T, Kind.END, "1.1");
        Sweeper sweeper = rig.sweeper(10);
        try (Connection writer = rig.connect();
                Connection other = rig.connect()) {
            rig.see(writer, T, "1.1", keys(950, 951));
            SQLException refused = catchThrowableOfType(SQLException.class, () -> sweeper.step(other, rig.topicIds()));
            other.rollback();
            assertThat((Throwable) refused)
                    .as("whoever writes the table keeps sweepers out")
                    .isNotNull();
            assertThat(sweeper.takes(refused)).isTrue();
            writer.commit();
        }
        assertThat(rig.sweep(sweeper)).isEqualTo(99);
        assertThat(rig.query("SELECT id FROM " + NAME + " WHERE id >= 900")).containsExactly("950");
    }

    @Test
    void whatComesWhenTheLoadIsOverIsNotNoted() throws SQLException {
        thousandRows();
        rig.mark(T, Kind.END, "1.1");
        rig.sweep(rig.sweeper(100));
        rig.see(T, "1.1", keys(0, 10));
        assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");
    }

    @Test
    void aLaterLoadEndsTheSweepOfTheOneBeforeAndALateMarkerDoesNotBringItBack() throws SQLException {
        thousandRows();
        rig.see(T, "1.1", keys(0, 500));
        rig.mark(T, Kind.END, "1.1");
        try (Connection own = rig.connect()) {
            rig.sweeper(10).step(own, rig.topicIds());
            own.commit();
        }
        rig.mark(T, Kind.BEGIN, "1.2");
        rig.mark(T, Kind.BEGIN, "1.1");
        rig.see(T, "1.2", keys(0, 1));
        assertThat(rig.sweep(rig.sweeper(10))).isZero();
        assertThat(rig.query("SELECT state FROM sluice.load ORDER BY number")).containsExactly("done", "recording");
        rig.mark(T, Kind.END, "1.1");
        rig.mark(T, Kind.END, "1.2");
        assertThat(rig.sweep(rig.sweeper(10))).isEqualTo(999);
    }

    @Test
    void aLoadThatIsGivenUpSweepsNothingAndIsForgottenAndTheNextOneSweeps() throws SQLException {
        thousandRows();
        rig.see(T, "1.1", keys(0, 500));
        rig.giveUp(T, "1.1");
        rig.see(T, "1.1", keys(500, 600));
        assertThat(rig.sweep(rig.sweeper(100))).isZero();
        assertThat(rig.query("SELECT state FROM sluice.load")).containsExactly("done");
        assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");

        // Another row partition meets its begin only now, and its end.
        rig.mark(T, Kind.BEGIN, "1.1");
        rig.see(T, "1.1", keys(600, 700));
        rig.giveUp(T, "1.1");
        assertThat(rig.query("SELECT state FROM sluice.load")).containsExactly("done");
        assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");
        assertThat(left()).containsExactly("1000");

        rig.mark(T, Kind.BEGIN, "1.2");
        rig.see(T, "1.2", keys(0, 10));
        rig.mark(T, Kind.END, "1.2");
        assertThat(rig.sweep(rig.sweeper(100))).isEqualTo(990);
    }

    @Test
    void anEndWithoutItsBeginAndAnotherTopicSweepNothing() throws SQLException {
        thousandRows();
        rig.execute("DELETE FROM sluice.load_mark");
        rig.mark(T, Kind.END, "1.1");
        assertThat(rig.sweep(rig.sweeper(100))).isZero();
        rig.mark(T, Kind.BEGIN, "1.1");
        rig.mark(T, Kind.END, "1.1");
        rig.execute("UPDATE sluice.load SET topic_id = 'the one before'");
        assertThat(rig.sweep(rig.sweeper(100))).isZero();
        assertThat(left()).containsExactly("1000");
    }

    @Test
    void rowsThatOthersReferToGoOnceTheseAreGone() throws SQLException {
        TargetTable orders = TargetTable.inDefaultSchema("orders");
        rig.execute("CREATE TABLE " + NAME + " (id bigint PRIMARY KEY, boss bigint REFERENCES " + NAME + ")");
        rig.execute("INSERT INTO " + NAME + " SELECT i, nullif(i - 1, 0) FROM generate_series(1, 12) i");
        rig.execute("CREATE TABLE orders (id bigint PRIMARY KEY, by bigint REFERENCES " + NAME + ")");
        rig.execute("INSERT INTO orders VALUES (1, 12)");
        rig.prepare(T, List.of("id"));
        rig.prepare(orders, List.of("id"));
        rig.mark(T, Kind.BEGIN, "1.1");
        rig.mark(orders, Kind.BEGIN, "1.1");
        rig.see(T, "1.1", keys(1, 3));
        rig.mark(T, Kind.END, "1.1");
        Sweeper sweeper = rig.sweeper(4);

        assertThat(rig.sweep(sweeper))
                .as("a row of a table whose load is not over refers to the last")
                .isZero();
        assertThat(rig.query("SELECT fruitless FROM sluice.load WHERE state = 'sweeping'"))
                .containsExactly("1");
        rig.mark(orders, Kind.END, "1.1");
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> {
                    rig.sweep(sweeper);
                    assertThat(left()).containsExactly("2");
                });
        assertThat(rig.query("SELECT count(*) FROM orders")).containsExactly("0");
    }

    @Test
    void aKeyThatChangedGivesItsLoadsUp() throws SQLException {
        thousandRows();
        rig.see(T, "1.1", keys(0, 10));
        rig.mark(T, Kind.END, "1.1");
        rig.execute("ALTER TABLE " + NAME + " ALTER COLUMN id TYPE numeric");
        rig.prepare(T, List.of("id"));
        assertThat(rig.sweep(rig.sweeper(100))).isZero();
        assertThat(left()).containsExactly("1000");
        assertThat(rig.query("SELECT superseded FROM sluice.load")).containsExactly("t");
    }
}

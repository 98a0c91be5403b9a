package io.sluice.sink;

import static io.sluice.sink.SinkStageIT.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.TableSpec;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetGrowthIT {

    private static final TargetTable ORDERS = TargetTable.inDefaultSchema("orders");
    private static final Column ID = new Column("id", Simple.INT64, "bigint", false);
    private static final Column AMOUNT = new Column("amount", Simple.INT32, "integer", true);
    private static final Column NAME = new Column("name", Simple.TEXT, "character varying(5)", false);
    private static final RowSchema BEFORE = schema(ID, AMOUNT, NAME);

    private final SinkRig rig = rig(DriftPolicy.ADD);

    private static SinkRig rig(DriftPolicy policy) {
        TableSpec spec = TableSpec.builder(ORDERS, new TableId("monolith", "public", "orders"))
                .onDrift(policy)
                .build();
        return SinkRig.of(KafkaServer.shared(), PostgresServer.shared().freshDatabase("growth"), "growth", spec);
    }

    private static RowSchema schema(Column... columns) {
        return new RowSchema("orders", List.of(columns), List.of("id"));
    }

    private static Column column(String name, LogicalType type, String declared) {
        return new Column(name, type, declared, true);
    }

    private static void send(RowProducer producer, RowSchema schema, Object... values) {
        producer.inTransaction(() -> producer.upsert(ORDERS, new Row(schema, values)));
    }

    private void awaitRows(String columns, String... rows) {
        awaitFound("SELECT " + columns + " FROM orders ORDER BY id", rows);
    }

    private void awaitFound(String query, String... rows) {
        // A column that is still to be added is an error until then.
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> assertThat(rig.query(query))
                .containsExactly(rows));
    }

    private static void awaitHalt(SinkStage sink, String... parts) {
        eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
        assertThat(sink.status().cause()).hasMessageContainingAll(parts);
    }

    @Test
    void aColumnThatIsNewInTheRowsIsAddedByWhicheverOfTwoSinksMeetsItFirst() {
        RowSchema after = schema(ID, AMOUNT, NAME, column("Odd \"note\"", Simple.TEXT, "text"));
        try (SinkStage one = rig.prepared(Map.of(ORDERS, BEFORE));
                SinkStage other = rig.sink();
                RowProducer producer = rig.producer()) {
            one.start();
            other.start();
            send(producer, BEFORE, 0L, 1, "a");
            awaitRows("id", "0");
            producer.inTransaction(() -> {
                for (long id = 1; id <= 300; id++) {
                    producer.upsert(ORDERS, new Row(after, new Object[] {id, 1, "a", "n" + id}));
                }
            });
            send(producer, BEFORE, 301L, 1, "a");
            awaitFound(
                    "SELECT count(*), count(\"Odd \"\"note\"\"\"), max(\"Odd \"\"note\"\"\") FROM orders",
                    "302|300|n99");
            assertThat(List.of(one.status().state(), other.status().state())).containsOnly(StageState.RUNNING);
        }
    }

    @Test
    void aValueThatIsTooWideWidensItsColumnAndNothingIsCutOrRounded() {
        RowSchema after = schema(
                ID,
                new Column("amount", Simple.INT64, "bigint", true),
                new Column("name", Simple.TEXT, "character varying(9)", false),
                column("price", new Numeric(12, 4), "numeric(12,4)"));
        RowSchema before = schema(ID, AMOUNT, NAME, column("price", new Numeric(10, 2), "numeric(10,2)"));
        try (SinkStage sink = rig.prepared(Map.of(ORDERS, before));
                RowProducer producer = rig.producer()) {
            sink.start();
            send(producer, before, 1L, 1, "short", new BigDecimal("12345678.90"));
            awaitRows("id", "1");
            send(producer, after, 2L, 5_000_000_000L, "muchlong", new BigDecimal("1.2345"));
            awaitRows("amount, name, price", "1|short|12345678.9000", "5000000000|muchlong|1.2345");
        }
        assertThat(rig.query("SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                        + "WHERE attrelid = 'orders'::regclass AND attnum > 0 ORDER BY attnum"))
                .containsExactly("bigint", "bigint", "character varying(9)", "numeric(12,4)");
    }

    /** The keys that a load sees are kept in the key's own type. */
    @Test
    void aKeyBecomesWiderWithWhatALoadHasSeenOfIt() {
        RowSchema before = schema(new Column("id", Simple.TEXT, "character varying(3)", false), AMOUNT);
        RowSchema after = schema(new Column("id", Simple.TEXT, "character varying(9)", false), AMOUNT);
        try (SinkStage sink = rig.prepared(Map.of(ORDERS, before));
                RowProducer producer = rig.producer()) {
            sink.start();
            send(producer, before, "a", 1);
            send(producer, before, "b", 1);
            awaitRows("id", "a", "b");
            producer.inTransaction(() -> {
                producer.markAll(ORDERS, LoadMarker.Kind.BEGIN, "2.1");
                producer.upsert(ORDERS, new Row(before, new Object[] {"a", 2}));
            });
            awaitRows("id, amount", "a|2", "b|1");
            send(producer, after, "longer", 3);
            awaitRows("id, amount", "a|2", "b|1", "longer|3");
            assertThat(rig.query("SELECT k1 FROM sluice.seen_1 ORDER BY 1")).containsExactly("a", "longer");
            producer.inTransaction(() -> producer.markAll(ORDERS, LoadMarker.Kind.END, "2.1"));
            awaitRows("id, amount", "a|2", "longer|3");
            assertThat(sink.status().state()).isEqualTo(StageState.RUNNING);
        }
    }

    @Test
    void blanksAtTheEndOfALongerValueStay() {
        RowSchema after = schema(ID, AMOUNT, new Column("name", Simple.TEXT, "character varying(9)", false));
        try (SinkStage sink = rig.prepared(Map.of(ORDERS, BEFORE));
                RowProducer producer = rig.producer()) {
            sink.start();
            send(producer, BEFORE, 1L, 1, "abcde");
            awaitRows("id", "1");
            // To varchar(5) the database would take it, and cut it.
            send(producer, after, 2L, 2, "abcde   ");
            awaitRows("length(name)", "5", "8");
        }
    }

    @Test
    void aTypeThatCameToHoldFractionsIsFollowedOrHaltsAndNothingIsRounded() {
        RowSchema before = schema(ID, AMOUNT, NAME, column("rate", Simple.FLOAT32, "real"));
        RowSchema finer = schema(ID, AMOUNT, NAME, column("rate", Simple.FLOAT64, "double precision"));
        Column fractions = column("amount", Simple.FLOAT64, "double precision");
        RowSchema other = schema(ID, fractions, NAME, column("rate", Simple.FLOAT64, "double precision"));
        try (SinkStage sink = rig.prepared(Map.of(ORDERS, before));
                RowProducer producer = rig.producer()) {
            sink.start();
            send(producer, before, 1L, 1, "a", 0.5f);
            send(producer, finer, 2L, 2, "b", 0.1);
            awaitRows("amount, rate", "1|0.5", "2|0.1");
            send(producer, other, 3L, 2.5, "c", 0.1);
            awaitHalt(sink, "TARGET_UNSUITABLE", "column amount", "double precision");
        }
        assertThat(rig.query("SELECT id FROM orders ORDER BY id")).containsExactly("1", "2");
        assertThat(rig.query("SELECT pg_typeof(rate) FROM orders LIMIT 1")).containsExactly("double precision");
    }

    @Test
    void aColumnThatItsSourceDroppedKeepsWhatItHasAndLaterRowsDoWithoutIt() {
        RowSchema after = schema(ID, AMOUNT);
        try (SinkStage sink = rig.prepared(Map.of(ORDERS, BEFORE));
                RowProducer producer = rig.producer()) {
            sink.start();
            send(producer, BEFORE, 1L, 1, "a");
            awaitRows("id", "1");
            producer.inTransaction(() -> {
                producer.upsert(ORDERS, new Row(after, new Object[] {1L, 2}));
                producer.upsert(ORDERS, new Row(after, new Object[] {2L, 2}));
            });
            awaitRows("id, amount, name", "1|2|a", "2|2|null");
        }
    }

    @Test
    void whereNothingIsToBeAddedItHaltsWithTheStatementAndGoesOnOnceThatWasRun() {
        SinkRig strict = rig(DriftPolicy.HALT);
        RowSchema after = schema(ID, AMOUNT, NAME, column("note", Simple.TEXT, "text"));
        RowSchema wide = schema(ID, new Column("amount", Simple.INT64, "bigint", true), NAME);
        String add = "ALTER TABLE \"public\".\"orders\" ADD COLUMN \"note\" text";
        String widen = "ALTER TABLE \"public\".\"orders\" ALTER COLUMN \"amount\" TYPE bigint";
        try (SinkStage sink = strict.prepared(Map.of(ORDERS, BEFORE));
                RowProducer producer = strict.producer()) {
            sink.start();
            send(producer, after, 1L, 1, "a", "x");
            awaitHalt(sink, "TARGET_UNSUITABLE", add);
            strict.execute(add);
            try (SinkStage again = strict.sink()) {
                again.start();
                eventually(() ->
                        assertThat(strict.query("SELECT note FROM orders")).containsExactly("x"));
                send(producer, wide, 2L, 5_000_000_000L, "b");
                awaitHalt(again, "TARGET_UNSUITABLE", widen);
            }
            strict.execute(widen);
            try (SinkStage again = strict.sink()) {
                again.start();
                eventually(() -> assertThat(strict.query("SELECT amount FROM orders ORDER BY id"))
                        .containsExactly("1", "5000000000"));
            }
        }
    }

    @Test
    void aColumnThatAViewReadsIsLeftAsItIsAndTheStatementTold() {
        rig.prepared(Map.of(ORDERS, BEFORE)).close();
        rig.execute("CREATE VIEW amounts AS SELECT amount FROM orders");
        RowSchema wide = schema(ID, new Column("amount", Simple.INT64, "bigint", true), NAME);
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            sink.start();
            send(producer, wide, 1L, 5_000_000_000L, "a");
            awaitHalt(sink, "TARGET_UNSUITABLE", "ALTER COLUMN \"amount\" TYPE bigint");
        }
    }

    @Test
    void aTableThatIsLockedIsWaitedFor() throws Exception {
        RowSchema after = schema(ID, AMOUNT, NAME, column("note", Simple.TEXT, "text"));
        try (SinkStage sink = rig.prepared(Map.of(ORDERS, BEFORE));
                RowProducer producer = rig.producer()) {
            sink.start();
            try (var connection = rig.connect();
                    var statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE orders IN ACCESS SHARE MODE");
                send(producer, after, 1L, 1, "a", "x");
                eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.WAITING));
                assertThat(sink.status().cause()).hasMessageContainingAll("TARGET_LOCKED", "table orders");
                connection.commit();
            }
            awaitRows("note", "x");
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
        }
    }

    @Test
    void atAStartATableFollowsOnlyIfItsRowsCameFromHere() {
        RowSchema after = schema(ID, AMOUNT, NAME, column("note", Simple.TEXT, "text"));
        rig.execute("CREATE TABLE orders (id bigint PRIMARY KEY, amount integer, name varchar(5) NOT NULL)");
        List<Finding> found = new ArrayList<>();
        try (SinkStage sink = rig.sink();
                RowProducer producer = rig.producer()) {
            found.addAll(sink.prepare(Map.of(ORDERS, after)));
            assertThat(found).extracting(Finding::problem).containsExactly("the table has no such column");
            assertThat(sink.prepare(Map.of(ORDERS, BEFORE))).isEmpty();
            sink.start();
            send(producer, BEFORE, 1L, 1, "a");
            awaitRows("id", "1");
        }
        try (SinkStage sink = rig.sink()) {
            assertThat(sink.prepare(Map.of(ORDERS, after))).isEmpty();
        }
        awaitRows("note", "null");
    }
}

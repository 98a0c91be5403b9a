package io.sluice.sink;

import static io.sluice.sink.SinkStageIT.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.LoadMarker.Kind;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Transactions that a strong service steps over because an operator says so: each whole, and nothing that touches its rows. */
class SetAsideIT {

    private static final TargetTable ACCOUNTS = TargetTable.inDefaultSchema("accounts");
    private static final TargetTable ENTRIES = TargetTable.inDefaultSchema("entries");
    private static final RowSchema ROWS = new RowSchema(
            "rows",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("v", Simple.INT64, "bigint", true)),
            List.of("id"));
    private static final Pattern NAMED = Pattern.compile("of transaction (\\S+) at position (\\S+)");

    private final SinkRig rig = SinkRig.strong(
            KafkaServer.shared(), PostgresServer.shared().freshDatabase("aside"), "aside", ACCOUNTS, ENTRIES);

    private static void row(RowProducer producer, TargetTable table, long id, long v) {
        producer.upsert(table, new Row(ROWS, new Object[] {id, v}));
    }

    private List<String> rows(TargetTable table) {
        return rig.query("SELECT id || '=' || v FROM " + table.table() + " ORDER BY id");
    }

    /** Runs a sink until it halts with this code. */
    private String halted(String code) {
        try (SinkStage sink = rig.sink()) {
            sink.start();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).hasMessageContaining(code);
            return sink.status().cause().getMessage();
        }
    }

    private void ask(String message) {
        Matcher named = NAMED.matcher(message);
        assertThat(named.find()).as(message).isTrue();
        ask(named.group(1), named.group(2));
    }

    private void ask(String transaction, String position) {
        rig.execute("INSERT INTO sluice.set_aside (pipeline, service, transaction, position, asked_by) VALUES ('"
                + rig.pipeline.name() + "', '" + rig.service.name() + "', '" + transaction + "', '" + position
                + "', 'ada')");
    }

    @Test
    void itIsSetAsideWholeAndWhatTouchesItsRowsWaitsForALoad() {
        rig.prepared(Map.of(ACCOUNTS, ROWS, ENTRIES, ROWS)).close();
        rig.execute("ALTER TABLE entries ADD CONSTRAINT few CHECK (v < 100)");
        // Of one that its target takes nothing is set aside, whoever asks for it.
        ask("1", "1/0/0");
        try (RowProducer producer = rig.producer()) {
            producer.inTransaction(() -> {
                producer.transaction("1", () -> {
                    row(producer, ACCOUNTS, 1, 1);
                    row(producer, ENTRIES, 1, 1);
                });
                producer.transaction("2", () -> {
                    row(producer, ACCOUNTS, 1, 2);
                    row(producer, ACCOUNTS, 2, 2);
                    row(producer, ENTRIES, 2, 7_777);
                });
                // The same number as a key of another table.
                producer.transaction("3", () -> {
                    row(producer, ENTRIES, 1, 3);
                    row(producer, ACCOUNTS, 3, 3);
                });
                producer.transaction("4", () -> {
                    row(producer, ACCOUNTS, 4, 4);
                    producer.delete(ACCOUNTS, ROWS, 1L);
                });
                producer.transaction("5", () -> row(producer, ACCOUNTS, 5, 5));
            });
            ask(halted("TRANSACTION_REFUSED"));
            assertThat(rows(ACCOUNTS)).containsExactly("1=1");

            String blocked = halted("TRANSACTION_BLOCKED");
            assertThat(blocked).contains("transaction 4 at position");
            assertThat(rows(ACCOUNTS)).containsExactly("1=1", "3=3");
            assertThat(rows(ENTRIES)).containsExactly("1=3");
            assertThat(rig.query("SELECT transaction, records, code FROM sluice.set_aside WHERE done_at IS NOT NULL"))
                    .containsExactly("2|3|TRANSACTION_REFUSED");
            assertThat(rig.letters()).hasSize(3).allSatisfy(letter -> {
                assertThat(letter.verdict().code()).isEqualTo("TRANSACTION_REFUSED");
                assertThat(letter.verdict().problem()).contains("few").doesNotContain("7777");
            });
            assertThat(halted("TRANSACTION_BLOCKED"))
                    .as("a restart forgets nothing")
                    .isEqualTo(blocked);

            ask(blocked);
            try (SinkStage sink = rig.sink()) {
                sink.start();
                eventually(() -> assertThat(rows(ACCOUNTS)).containsExactly("1=1", "3=3", "5=5"));
                eventually(() -> assertThat(rig.letters()).hasSize(5));
                rig.execute("ALTER TABLE entries DROP CONSTRAINT few");
                producer.inTransaction(() -> {
                    producer.mark(ACCOUNTS, Kind.BEGIN, "2.1", 0);
                    producer.mark(ENTRIES, Kind.BEGIN, "2.1", 0);
                    for (long id = 2; id <= 5; id++) {
                        producer.load(ACCOUNTS, new Row(ROWS, new Object[] {id, id}));
                    }
                    producer.load(ENTRIES, new Row(ROWS, new Object[] {1L, 3L}));
                    producer.load(ENTRIES, new Row(ROWS, new Object[] {2L, 7_777L}));
                    producer.mark(ACCOUNTS, Kind.END, "2.1", 0);
                    producer.mark(ENTRIES, Kind.END, "2.1", 0);
                    // The first account was deleted, so that no load could show it.
                    producer.transaction("6", () -> {
                        row(producer, ACCOUNTS, 1, 6);
                        row(producer, ACCOUNTS, 2, 6);
                        row(producer, ENTRIES, 2, 6);
                    });
                });
                eventually(() -> assertThat(rows(ENTRIES)).containsExactly("1=3", "2=6"));
                assertThat(rows(ACCOUNTS)).containsExactly("1=6", "2=6", "3=3", "4=4", "5=5");
                assertThat(rig.query("SELECT 1 FROM sluice.parked")).isEmpty();
                assertThat(rig.query("SELECT count(*) FROM sluice.set_aside")).containsExactly("3");
                assertThat(sink.status().state()).isEqualTo(StageState.RUNNING);
            }
        }
    }
}

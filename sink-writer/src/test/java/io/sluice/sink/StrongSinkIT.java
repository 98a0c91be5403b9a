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
import io.sluice.schemas.model.Unchanged;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A strong service's sink: whole transactions, in order, or none of one. */
class StrongSinkIT {

    private static final TargetTable ENTRIES = TargetTable.inDefaultSchema("entries");
    private static final TargetTable ACCOUNTS = TargetTable.inDefaultSchema("accounts");
    private static final RowSchema ENTRY = new RowSchema(
            "entries",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("account", Simple.INT64, "bigint", true),
                    new Column("amount", Simple.INT64, "bigint", false)),
            List.of("id"));
    private static final RowSchema ACCOUNT = new RowSchema(
            "accounts",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("code", Simple.TEXT, "text", false),
                    new Column("note", Simple.TEXT, "text", true)),
            List.of("id"));

    // Children first on purpose: the database knows better than the file.
    private final SinkRig rig = SinkRig.strong(
            KafkaServer.shared(), PostgresServer.shared().freshDatabase("strong"), "strong", ENTRIES, ACCOUNTS);

    private SinkStage prepared() {
        return rig.prepared(Map.of(ENTRIES, ENTRY, ACCOUNTS, ACCOUNT));
    }

    private static void account(RowProducer producer, long id, Object code, Object note) {
        producer.upsert(ACCOUNTS, new Row(ACCOUNT, new Object[] {id, code, note}));
    }

    private static void entry(RowProducer producer, long id, Long account, long amount) {
        producer.upsert(ENTRIES, new Row(ENTRY, new Object[] {id, account, amount}));
    }

    private List<String> accounts() {
        return rig.query("SELECT id || code || coalesce(note, '') FROM accounts ORDER BY id");
    }

    private List<String> entries() {
        return rig.query("SELECT id || '>' || coalesce(account, 0) FROM entries ORDER BY id");
    }

    @Test
    void aTransactionThatIsNotWholeYetIsNotToBeSeen() {
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.transaction("1", () -> account(producer, 1, "a", null));
                producer.begin("2");
                account(producer, 1, "b", null);
                account(producer, 2, "c", null);
            });
            eventually(() -> assertThat(accounts()).containsExactly("1a"));
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.RUNNING));
            producer.inTransaction(() -> {
                entry(producer, 1, 2L, 5);
                producer.end("2", 3);
            });
            eventually(() -> assertThat(entries()).containsExactly("1>2"));
            assertThat(accounts()).containsExactly("1b", "2c");
        }
    }

    @Test
    void oneThatIsLargerThanMemoryIsToHoldIsSeenWholeOrNotAtAll() {
        SinkSettings quick = SinkRig.QUICK;
        long rows = quick.batchRecords() * 20L;
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> producer.transaction("1", () -> account(producer, 1, "a", null)));
            // As the transform hands it on: in several transactions of Kafka.
            producer.inTransaction(() -> producer.begin("2"));
            for (int part = 0; part < 10; part++) {
                long from = part * rows / 10;
                producer.inTransaction(() -> {
                    for (long id = from; id < from + rows / 10; id++) {
                        entry(producer, id, 1L, id);
                    }
                });
                assertThat(rig.query("SELECT count(*) FROM entries")).containsExactly("0");
            }
            producer.inTransaction(() -> {
                account(producer, 2, "b", null);
                producer.end("2", rows + 1);
                producer.transaction("3", () -> account(producer, 3, "c", null));
            });
            eventually(() -> {
                String seen = rig.query(
                                "SELECT (SELECT count(*) FROM entries) || ' ' || (SELECT count(*) FROM accounts)")
                        .get(0);
                assertThat(seen).isIn("0 1", rows + " 2", rows + " 3");
                assertThat(seen).endsWith(" 3");
            });
        }
    }

    @Test
    void whatConstraintsAllowAtTheSourceTheyAllowHere() {
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            rig.execute("CREATE UNIQUE INDEX ON accounts (code)");
            rig.execute("ALTER TABLE entries ADD FOREIGN KEY (account) REFERENCES accounts (id)");
            rig.execute("ALTER TABLE accounts ADD of_target text DEFAULT 'mine'");
            rig.execute("ALTER TABLE accounts ADD first_entry bigint REFERENCES entries (id)");
            sink.start();
            producer.inTransaction(() -> producer.transaction("1", () -> {
                account(producer, 1, "a", "kept");
                account(producer, 2, "b", null);
                account(producer, 3, "c", null);
                entry(producer, 1, 1L, 1);
            }));
            eventually(() -> assertThat(entries()).containsExactly("1>1"));
            // A swap, one half of which leaves a large value out; by way of a third value; and a row that takes the
            // value of one that goes, whose child goes to another.
            producer.inTransaction(() -> {
                producer.transaction("2", () -> {
                    account(producer, 1, "b", Unchanged.UNCHANGED);
                    account(producer, 2, "a", "swapped");
                });
                producer.transaction("3", () -> {
                    account(producer, 1, "t", Unchanged.UNCHANGED);
                    account(producer, 2, "b", "again");
                    account(producer, 1, "a", Unchanged.UNCHANGED);
                });
                producer.transaction("4", () -> {
                    account(producer, 4, "d", null);
                    entry(producer, 1, 4L, 1);
                    producer.delete(ACCOUNTS, ACCOUNT, 3L);
                    account(producer, 5, "c", null);
                });
            });
            eventually(() -> assertThat(accounts()).containsExactly("1akept", "2bagain", "4d", "5c"));
            assertThat(entries()).containsExactly("1>4");
            assertThat(rig.query("SELECT DISTINCT of_target FROM accounts")).containsExactly("mine");
            assertThat(sink.status().state()).isEqualTo(StageState.RUNNING);
        }
    }

    @Test
    void tablesThatReferToThemselvesAndInCirclesAreWritten() {
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            rig.execute("ALTER TABLE entries ADD FOREIGN KEY (account) REFERENCES accounts (id) "
                    + "DEFERRABLE INITIALLY IMMEDIATE");
            rig.execute("ALTER TABLE entries ADD FOREIGN KEY (amount) REFERENCES entries (id)");
            rig.execute("ALTER TABLE accounts ADD FOREIGN KEY (id) REFERENCES entries (id)");
            sink.start();
            producer.inTransaction(() -> producer.transaction("1", () -> {
                account(producer, 1, "a", null);
                entry(producer, 2, 1L, 1);
                entry(producer, 1, 1L, 2);
            }));
            eventually(() -> assertThat(entries()).containsExactly("1>1", "2>1"));
            producer.inTransaction(() -> producer.transaction("2", () -> {
                producer.delete(ACCOUNTS, ACCOUNT, 1L);
                producer.delete(ENTRIES, ENTRY, 1L);
                producer.delete(ENTRIES, ENTRY, 2L);
            }));
            eventually(() -> assertThat(entries()).isEmpty());
            assertThat(accounts()).isEmpty();
        }
    }

    @Test
    void tablesAreEmptiedInTheirTurn() {
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            rig.execute("ALTER TABLE entries ADD FOREIGN KEY (account) REFERENCES accounts (id)");
            sink.start();
            producer.inTransaction(() -> {
                producer.transaction("1", () -> {
                    account(producer, 1, "a", null);
                    entry(producer, 1, 1L, 1);
                });
                producer.transaction("2", () -> {
                    account(producer, 2, "b", null);
                    producer.truncate(ACCOUNTS);
                    producer.truncate(ENTRIES);
                    account(producer, 1, "c", null);
                });
            });
            eventually(() -> assertThat(accounts()).containsExactly("1c"));
            assertThat(entries()).isEmpty();
        }
    }

    @Test
    void aRowThatTheTargetRefusesHaltsBeforeItsTransactionAndAfterAllOthers() {
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            rig.execute("ALTER TABLE entries ADD CONSTRAINT not_too_much CHECK (amount < 100)");
            producer.inTransaction(() -> {
                for (long i = 0; i < 300; i++) {
                    long id = i;
                    producer.transaction("t" + i, () -> {
                        account(producer, id, "a", null);
                        entry(producer, id, id, id == 217 ? 77_777 : 1);
                    });
                }
            });
            sink.start();
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause())
                    .hasMessageContaining("TRANSACTION_REFUSED")
                    .hasMessageContaining("not_too_much")
                    .hasMessageContaining("table entries")
                    .hasMessageContaining("transaction t217")
                    .hasMessageNotContaining("77");
            assertThat(rig.query("SELECT count(*), max(id) FROM accounts")).containsExactly("217|216");
            assertThat(rig.query("SELECT count(*), max(id) FROM entries")).containsExactly("217|216");
        }
        rig.execute("ALTER TABLE entries DROP CONSTRAINT not_too_much");
        try (SinkStage sink = rig.sink()) {
            sink.start();
            eventually(
                    () -> assertThat(rig.query("SELECT count(*) FROM entries")).containsExactly("300"));
        }
    }

    @Test
    void aCountThatDoesNotMatchHaltsAndNothingOfItIsSeen() {
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.transaction("1", () -> account(producer, 1, "a", null));
                producer.begin("2");
                account(producer, 2, "b", null);
                producer.end("2", 2);
            });
            eventually(() -> assertThat(sink.status().state()).isEqualTo(StageState.HALTED));
            assertThat(sink.status().cause()).hasMessageContaining("TRANSACTION_TORN");
            assertThat(accounts()).containsExactly("1a");
        }
    }

    @Test
    void whatASetBackTransformRepeatsChangesNothing() {
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            sink.start();
            Runnable first = () -> producer.transaction("1", () -> {
                account(producer, 1, "a", null);
                account(producer, 2, "b", null);
            });
            producer.inTransaction(first);
            producer.inTransaction(() -> producer.transaction("2", () -> producer.delete(ACCOUNTS, ACCOUNT, 1L)));
            long before = producer.offset();
            producer.inTransaction(() -> {
                producer.begin("3");
                account(producer, 3, "c", null);
            });
            eventually(() -> assertThat(accounts()).containsExactly("2b"));
            producer.setBack(0);
            producer.inTransaction(first);
            producer.setBack(before);
            producer.inTransaction(() -> producer.transaction("3", () -> {
                account(producer, 3, "c", null);
                account(producer, 4, "d", null);
            }));
            eventually(() -> assertThat(accounts()).containsExactly("2b", "3c", "4d"));
        }
    }

    @Test
    void whileALoadIsUnderWayTheServiceSaysSoAndThenItSweeps() {
        try (SinkStage sink = prepared();
                RowProducer producer = rig.producer()) {
            sink.start();
            producer.inTransaction(() -> {
                producer.transaction("1", () -> {
                    account(producer, 1, "a", null);
                    account(producer, 2, "b", null);
                    entry(producer, 1, 1L, 1);
                    entry(producer, 2, 1L, 1);
                });
            });
            eventually(() -> assertThat(entries()).hasSize(2));
            assertThat(sink.progress().loading()).isZero();
            producer.inTransaction(() -> {
                producer.mark(ACCOUNTS, Kind.BEGIN, "2.1", 0);
                producer.mark(ENTRIES, Kind.BEGIN, "2.1", 0);
                producer.load(ACCOUNTS, new Row(ACCOUNT, new Object[] {1L, "loaded", null}));
                producer.transaction("2", () -> entry(producer, 3, 1L, 1));
                producer.load(ENTRIES, new Row(ENTRY, new Object[] {2L, 1L, 7L}));
                producer.mark(ACCOUNTS, Kind.END, "2.1", 0);
            });
            eventually(() -> assertThat(accounts()).containsExactly("1loaded"));
            eventually(() -> assertThat(sink.progress().loading()).isEqualTo(1));
            assertThat(entries()).hasSize(3);
            assertThat(rig.query("SELECT source FROM sluice.loading")).containsExactly("monolith.public.entries");
            producer.inTransaction(() -> producer.mark(ENTRIES, Kind.END, "2.1", 0));
            eventually(() -> assertThat(entries()).containsExactly("2>1", "3>1"));
            eventually(() -> assertThat(sink.progress().loading()).isZero());
        }
    }
}

package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.model.TargetTable;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Kills the sink of a strong service under load with SIGKILL, and ends its backends, again and again, while somebody reads the
 * books that it writes; {@code -DKILLS=50} for more of it.
 */
class StrongSinkKillIT {

    private final Random random = new Random(13);

    private static SinkRig rig(KafkaServer kafka, String name) {
        SinkRig rig = SinkRig.strong(
                kafka,
                PostgresServer.shared().freshDatabase(name),
                name,
                DoubleEntry.TABLES.toArray(new TargetTable[0]));
        DoubleEntry.register(rig);
        rig.prepared(DoubleEntry.shapes()).close();
        DoubleEntry.constrain(rig);
        return rig;
    }

    @Test
    void theBooksBalanceWheneverOneLooksAndWhateverIsKilled() throws Exception {
        try (KafkaServer kafka = KafkaServer.start(Map.of("group.min.session.timeout.ms", "500"))) {
            SinkRig rig = rig(kafka, "books");
            try (RowProducer producer = rig.producer();
                    BookReader reader = new BookReader(rig)) {
                DoubleEntry books = new DoubleEntry(producer, random);
                books.open();
                new KillLoop(rig, kafka, random, books::transact).run();
                Process child = KillLoop.start(rig, kafka);
                try {
                    await().atMost(KillLoop.CATCH_UP)
                            .untilAsserted(() -> assertThat(rig.query("SELECT max(id) FROM transfers"))
                                    .containsExactly(Long.toString(books.transfers())));
                    await().atMost(KillLoop.PATIENCE).untilAsserted(() -> assertThat(
                                    rig.query("SELECT id, balance, badge FROM accounts ORDER BY id"))
                            .isEqualTo(books.accounts()));
                } finally {
                    child.destroyForcibly().waitFor();
                }
                long lost = books.entries()
                        - Long.parseLong(
                                rig.query("SELECT count(*) FROM entries").get(0));
                KillLoop.note(books.changes(), lost, reader.backwards(), reader.unbalanced());
                System.out.println(KillLoop.KILLS + " kills, " + books.changes() + " changes, " + lost + " lost, "
                        + reader.backwards() + " stale, " + reader.unbalanced() + " half-applied in " + reader.looks()
                        + " looks");
                assertThat(lost).isZero();
                assertThat(reader.backwards()).isZero();
                assertThat(reader.unbalanced()).as(reader.worst()).isZero();
                assertThat(reader.looks()).isGreaterThan(10L * KillLoop.KILLS);
            }
        }
    }

    /** The control: the same look at a sink that takes the bounds of transactions for nothing. */
    @Test
    void theReaderCatchesASinkThatCutsTransactionsApart() throws Exception {
        SinkRig rig = rig(KafkaServer.shared(), "careless");
        rig.execute("ALTER TABLE entries DROP CONSTRAINT entries_transfer_fkey, DROP CONSTRAINT entries_account_fkey");
        rig.execute("DROP INDEX accounts_badge_idx");
        try (RowProducer producer = rig.producer();
                SinkStage careless = rig.careless(SinkRig.QUICK);
                BookReader reader = new BookReader(rig)) {
            DoubleEntry books = new DoubleEntry(producer, random);
            books.open();
            careless.start();
            await().atMost(KillLoop.PATIENCE).until(() -> {
                books.transact();
                return reader.unbalanced() > 0;
            });
            assertThat(reader.worst()).contains("at odds");
        }
    }
}

package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.schemas.model.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A sink that is killed just after it has committed rows that its target refused, and before it has noted that their letters are
 * sent, while more comes.
 */
class ParkingKillIT {

    private static final int KILLS = Integer.getInteger("KILLS", 5);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Random random = new Random(11);
    /** A change, so that it can be made again. */
    private record Sent(Row row, long offset) {}

    private List<Sent> last = new ArrayList<>();
    private long changes;
    private long good;
    private long sum;
    private long bad;

    @Test
    void eachRefusedRowIsToldAndHeldOnceAndTheOthersAreApplied() throws Exception {
        try (KafkaServer kafka = KafkaServer.start(Map.of("group.min.session.timeout.ms", "500"))) {
            SinkRig rig = SinkRig.create(
                    kafka, PostgresServer.shared().freshDatabase("letters"), "letters", SinkKillIT.COUNTERS);
            rig.prepared(Map.of(SinkKillIT.COUNTERS, SinkKillIT.ROWS)).close();
            rig.execute("ALTER TABLE counters ADD CHECK (body <> 'topsecret')");
            try (RowProducer producer = rig.producer()) {
                for (int kill = 0; kill < KILLS; kill++) {
                    killBeforeItsLettersAreNoted(rig, kafka, producer);
                }
                Process child = KillLoop.start(rig, kafka);
                try {
                    await().atMost(PATIENCE).untilAsserted(() -> expectAll(rig));
                } finally {
                    child.destroyForcibly().waitFor();
                }
            }
            expectLetters(rig);
        }
    }

    private void killBeforeItsLettersAreNoted(SinkRig rig, KafkaServer kafka, RowProducer producer) throws Exception {
        Process child = KillLoop.start(rig, kafka);
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                if (changes - applied(rig) < 2_000) {
                    load(producer);
                }
                return !rig.query("SELECT 1 FROM sluice.parked WHERE NOT relayed LIMIT 1")
                        .isEmpty();
            });
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    private static long applied(SinkRig rig) {
        return Long.parseLong(rig.query("SELECT coalesce(sum(position), 0) FROM sluice.applied")
                .get(0));
    }

    /** New rows, of which a few are refused. */
    private void load(RowProducer producer) {
        producer.inTransaction(() -> {
            if (random.nextInt(5) == 0) {
                // The transform was killed as well, and makes the same rows again.
                last.forEach(sent -> producer.upsertAgain(SinkKillIT.COUNTERS, sent.row(), sent.offset()));
            }
            last = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                long id = changes;
                if (random.nextInt(150) == 0) {
                    bad++;
                    send(producer, id, "topsecret");
                } else {
                    good++;
                    sum += id;
                    send(producer, id, "good");
                }
            }
        });
    }

    private void send(RowProducer producer, long id, String body) {
        Sent sent = new Sent(new Row(SinkKillIT.ROWS, new Object[] {id, 1L, body}), changes++);
        last.add(sent);
        producer.upsertAgain(SinkKillIT.COUNTERS, sent.row(), sent.offset());
    }

    private void expectAll(SinkRig rig) {
        assertThat(rig.query(
                        "SELECT count(*), coalesce(sum(id), 0), count(*) FILTER (WHERE body <> 'good') FROM counters"))
                .containsExactly(good + "|" + sum + "|0");
        assertThat(rig.query("SELECT state, relayed, count(*) FROM sluice.parked GROUP BY 1, 2 ORDER BY 1"))
                .containsExactly("refused|t|" + bad);
    }

    private void expectLetters(SinkRig rig) {
        List<DeadLetter> letters = rig.letters();
        System.out.println(KILLS + " kills, " + changes + " changes, " + letters.size() + " letters of " + bad
                + " held records, " + rig.lettersAsWritten().size() + " as written");
        assertThat(letters.stream()
                        .map(letter -> letter.topic() + "|" + letter.partition() + "|" + letter.offset())
                        .sorted())
                .containsExactlyElementsOf(
                        rig.query("SELECT topic, partition, record_offset FROM sluice.parked").stream()
                                .sorted()
                                .toList());
        assertThat(bad).isPositive();
    }
}

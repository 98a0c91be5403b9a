package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.deadletter.HeldRequest.Action;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.Unchanged;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What operators ask about held rows, of sinks that are killed before, while or after they do it: each is done once, whole, and
 * never again to what is held later. A trigger notes each effect.
 */
class RequestKillIT {

    private static final int KILLS = Integer.getInteger("KILLS", 5);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int KEYS = 60;
    private static final List<Action> ACTIONS =
            List.of(Action.TAKE_SOURCE, Action.REPLAY, Action.TAKE_TARGET, Action.DISCARD);

    private final Random random = new Random(5);
    /** What the target is to show of each key. */
    private final Map<Long, String> expected = new TreeMap<>();
    /** How often each key's row is to be changed. */
    private final Map<Long, Integer> effects = new TreeMap<>();

    private long next;

    @Test
    void eachRequestIsDoneOnceWheneverItsSinkIsKilled() throws Exception {
        Database database = PostgresServer.shared().freshDatabase("requests");
        try (KafkaServer kafka = KafkaServer.start(Map.of("group.min.session.timeout.ms", "500"))) {
            SinkRig rig = SinkRig.deciding(
                    kafka.bootstrapServers(), kafka.uniqueName("requests"), database, SinkKillIT.COUNTERS, "version");
            rig.createTopics();
            rig.prepared(Map.of(SinkKillIT.COUNTERS, SinkKillIT.ROWS)).close();
            prepare(rig);
            try (RowProducer producer = rig.producer()) {
                for (int kill = 0; kill < KILLS; kill++) {
                    round(rig, kafka, producer, ACTIONS.get(kill % ACTIONS.size()));
                }
                Process child = KillLoop.start(rig, kafka);
                try {
                    await().atMost(PATIENCE).untilAsserted(() -> expectAll(rig));
                } finally {
                    child.destroyForcibly().waitFor();
                }
            }
            assertThat(effects(rig)).isEqualTo(lines(effects));
        }
    }

    private static void prepare(SinkRig rig) {
        rig.execute("CREATE TABLE allowed (id bigint PRIMARY KEY)");
        rig.execute(
                """
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.body = 'refused' AND NOT EXISTS (SELECT FROM allowed WHERE id = NEW.id) THEN
                        RAISE 'not yet';
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse BEFORE INSERT ON counters FOR EACH ROW EXECUTE FUNCTION refuse();
                CREATE TABLE journal (id bigint, after bigint);
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO journal VALUES (NEW.id, NEW.version);
                    RETURN NULL;
                END $$
                """);
        rig.execute("CREATE TRIGGER note AFTER INSERT OR UPDATE ON counters FOR EACH ROW "
                + "WHEN (NEW.body <> 'theirs') EXECUTE FUNCTION note()");
    }

    /** Rows that are held, a request about them, and a kill. */
    private void round(SinkRig rig, KafkaServer kafka, RowProducer producer, Action action) throws Exception {
        long from = next;
        next += KEYS;
        if (action.decides()) {
            rig.execute("INSERT INTO counters SELECT g, 10, 'theirs' FROM generate_series(" + from + ", " + (next - 1)
                    + ") g");
        }
        producer.inTransaction(() -> {
            for (long id = from; id < next; id++) {
                producer.upsert(SinkKillIT.COUNTERS, row(id, 1L, action.decides() ? "ours" : "refused"));
                producer.upsert(SinkKillIT.COUNTERS, row(id, 2L, Unchanged.UNCHANGED));
            }
        });
        String held = "SELECT count(*) FROM sluice.parked p WHERE state <> 'discarded' AND NOT EXISTS "
                + "(SELECT FROM asked a WHERE a.topic = p.topic AND a.partition = p.partition AND p.record_offset <= a.up_to)";
        rig.execute("CREATE TABLE IF NOT EXISTS asked (topic text, partition int, up_to bigint)");
        Process child = KillLoop.start(rig, kafka);
        try {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(rig.query(held)).containsExactly(Long.toString(2L * KEYS)));
            rig.execute("INSERT INTO allowed SELECT g FROM generate_series(" + from + ", " + (next - 1) + ") g");
            rig.execute(
                    "INSERT INTO asked SELECT topic, partition, max(record_offset) FROM sluice.parked GROUP BY 1, 2");
            rig.askAll(action);
            for (long id = from; id < next; id++) {
                expect(id, action);
            }
            if (random.nextBoolean()) {
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> open(rig) < KEYS);
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    private static long open(SinkRig rig) {
        return Long.parseLong(rig.query("SELECT count(*) FROM sluice.parked WHERE state IN ('conflict', 'refused')")
                .get(0));
    }

    private void expect(long id, Action action) {
        switch (action) {
            case REPLAY -> expect(id, "2|refused", 1);
            case TAKE_SOURCE -> expect(id, "2|ours", 1);
            case TAKE_TARGET -> expect(id, "10|theirs", 0);
            case DISCARD -> effects.put(id, 0);
        }
    }

    private void expect(long id, String row, int changes) {
        expected.put(id, row);
        effects.put(id, changes);
    }

    private static Row row(long id, long version, Object body) {
        return new Row(SinkKillIT.ROWS, new Object[] {id, version, body});
    }

    private void expectAll(SinkRig rig) {
        assertThat(rig.query("SELECT count(*) FROM sluice.parked WHERE state <> 'discarded'"))
                .containsExactly("0");
        assertThat(rig.query("SELECT id, version, body FROM counters ORDER BY id"))
                .isEqualTo(lines(expected));
    }

    private List<String> effects(SinkRig rig) {
        return rig.query("SELECT g, count(j.id) FROM generate_series(0, " + (next - 1)
                + ") g LEFT JOIN journal j ON j.id = g GROUP BY 1 ORDER BY 1");
    }

    private static List<String> lines(Map<Long, ?> of) {
        return of.entrySet().stream()
                .map(each -> each.getKey() + "|" + each.getValue())
                .toList();
    }
}

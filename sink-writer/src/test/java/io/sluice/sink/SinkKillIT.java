package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Kills a sink under load with SIGKILL, and ends its backends, again and again; {@code -DKILLS=50} for more of it.
 *
 * <p>Every change raises its key's version, and a trigger notes each effect: so what went back, was done twice or was torn shows
 * even where the end is right.
 */
class SinkKillIT {

    static final TargetTable COUNTERS = TargetTable.inDefaultSchema("counters");
    static final RowSchema ROWS = new RowSchema(
            "counters",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("version", Simple.INT64, "bigint", false),
                    new Column("body", Simple.TEXT, "text", true)),
            List.of("id"));

    private static final int KEYS = 400;

    private final Random random = new Random(7);
    private final Map<Long, String> expected = new TreeMap<>();
    private final Map<Long, Long> versions = new HashMap<>();
    private long changes;

    /** A change, so that it can be made again. */
    private record Sent(Row row, long id, long offset) {}

    private List<Sent> last = new ArrayList<>();

    @Test
    void killsLoseNothingAndDoNothingTwice() throws Exception {
        Database database = PostgresServer.shared().freshDatabase("kills");
        try (KafkaServer kafka = KafkaServer.start(Map.of("group.min.session.timeout.ms", "500"))) {
            SinkRig rig = SinkRig.create(kafka, database, "kills", COUNTERS);
            rig.prepared(Map.of(COUNTERS, ROWS)).close();
            keepJournal(rig);
            try (RowProducer producer = rig.producer()) {
                new KillLoop(rig, kafka, random, () -> load(producer)).run();
                Process child = KillLoop.start(rig, kafka);
                try {
                    await().atMost(KillLoop.PATIENCE).untilAsserted(() -> assertThat(target(rig))
                            .isEqualTo(expected.entrySet().stream()
                                    .map(each -> each.getKey() + "|" + each.getValue())
                                    .toList()));
                } finally {
                    child.destroyForcibly().waitFor();
                }
            }
            report(rig);
        }
    }

    private void load(RowProducer producer) {
        producer.inTransaction(() -> {
            if (random.nextInt(5) == 0) {
                // The transform was killed as well, and makes the same rows again.
                last.forEach(sent -> send(producer, sent));
            }
            last = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                Sent sent = next();
                last.add(sent);
                send(producer, sent);
            }
        });
    }

    private Sent next() {
        long id = random.nextInt(KEYS);
        long version = versions.merge(id, 1L, Long::sum);
        long offset = changes++;
        String there = expected.get(id);
        if (there != null && random.nextInt(10) == 0) {
            expected.remove(id);
            return new Sent(null, id, offset);
        }
        boolean partial = there != null && random.nextInt(3) == 0;
        String body = partial ? there.substring(there.indexOf('|') + 1) : "b" + version;
        expected.put(id, version + "|" + body);
        return new Sent(new Row(ROWS, new Object[] {id, version, partial ? Unchanged.UNCHANGED : body}), id, offset);
    }

    private static void send(RowProducer producer, Sent sent) {
        if (sent.row() == null) {
            producer.deleteAgain(COUNTERS, ROWS, sent.offset(), sent.id());
        } else {
            producer.upsertAgain(COUNTERS, sent.row(), sent.offset());
        }
    }

    private static void keepJournal(SinkRig rig) {
        rig.execute("CREATE TABLE journal (at bigserial, tx bigint, id bigint, before bigint, after bigint)");
        rig.execute(
                """
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO journal (tx, id, before, after)
                    VALUES (pg_current_xact_id()::text::bigint, coalesce(NEW.id, OLD.id), OLD.version, NEW.version);
                    RETURN NULL;
                END $$
                """);
        rig.execute(
                "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON counters FOR EACH ROW EXECUTE FUNCTION note()");
    }

    private static List<String> target(SinkRig rig) {
        return rig.query("SELECT id, version, body FROM counters ORDER BY id");
    }

    private void report(SinkRig rig) {
        String stale =
                rig.query("SELECT count(*) FROM journal WHERE after <= before").get(0);
        String twice = rig.query("SELECT count(*) FROM (SELECT FROM journal WHERE after IS NOT NULL "
                        + "GROUP BY id, after HAVING count(*) > 1) d")
                .get(0);
        // A key's effects must follow one another without a gap: each starts from what the one before left.
        String torn = rig.query(
                        "SELECT count(*) FROM (SELECT before, lag(after) OVER (PARTITION BY id ORDER BY at) AS left_at "
                                + "FROM journal) j WHERE before IS DISTINCT FROM left_at")
                .get(0);
        KillLoop.note(changes, 0, Long.parseLong(stale), Long.parseLong(twice) + Long.parseLong(torn));
        System.out.println(KillLoop.KILLS + " kills, " + changes + " changes, 0 lost, " + stale + " stale, " + twice
                + " twice, " + torn + " half-applied");
        assertThat(stale).as("keys that went back").isEqualTo("0");
        assertThat(twice).as("changes done twice").isEqualTo("0");
        assertThat(torn).as("effects that do not follow one another").isEqualTo("0");
        assertThat(rig.query("SELECT count(*) FROM journal")).isNotEqualTo(List.of("0"));
    }
}

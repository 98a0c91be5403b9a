package io.sluice.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.codec.LoadMarker.Kind;
import io.sluice.schemas.model.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Kills a sink with SIGKILL while loads come in and are swept, again and again; {@code -DKILLS=50} for more of it.
 *
 * <p>Before each load rows are put into the target that no load will ever see. Some loads are given up, some records are made
 * again, and rows come and go all the while. What is left at last must be what is live, and each zombie must have gone once.
 */
class SweepKillIT {

    private static final int KILLS = Integer.getInteger("KILLS", 5);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int ZOMBIES = 1_500;
    private static final long FIRST_ZOMBIE = 1_000_000;

    private final Random random = new Random(11);
    private final Map<Long, Long> live = new TreeMap<>();
    private List<Runnable> last = new ArrayList<>();
    private long offset;
    private long ids;
    private long zombies = FIRST_ZOMBIE;

    @Test
    void killsLeaveNoZombieAndTakeNoLiveRow() throws Exception {
        try (KafkaServer kafka = KafkaServer.start(Map.of("group.min.session.timeout.ms", "500"))) {
            SinkRig rig = SinkRig.create(
                    kafka, PostgresServer.shared().freshDatabase("sweepkills"), "sweepkills", SinkKillIT.COUNTERS);
            rig.prepared(Map.of(SinkKillIT.COUNTERS, SinkKillIT.ROWS)).close();
            rig.execute("CREATE TABLE gone (id bigint)");
            rig.execute("CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS "
                    + "$$ BEGIN INSERT INTO gone VALUES (OLD.id); RETURN NULL; END $$");
            rig.execute("CREATE TRIGGER gone AFTER DELETE ON counters FOR EACH ROW EXECUTE FUNCTION gone()");
            try (RowProducer producer = rig.producer()) {
                for (int kill = 0; kill < KILLS; kill++) {
                    round(rig, kafka, producer, kill);
                }
                Process child = KillLoop.start(rig, kafka);
                try {
                    await().atMost(PATIENCE).untilAsserted(() -> assertThat(target(rig))
                            .isEqualTo(live.entrySet().stream()
                                    .map(row -> row.getKey() + "|" + row.getValue())
                                    .toList()));
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(rig.query("SELECT DISTINCT state FROM sluice.load"))
                                    .containsExactly("done"));
                } finally {
                    child.destroyForcibly().waitFor();
                }
            }
            assertThat(target(rig)).hasSize(live.size());
            assertThat(rig.query("SELECT count(*) FROM sluice.seen_1")).containsExactly("0");
            assertThat(rig.query("SELECT count(*), count(DISTINCT id) FROM gone WHERE id >= " + FIRST_ZOMBIE))
                    .containsExactly((zombies - FIRST_ZOMBIE) + "|" + (zombies - FIRST_ZOMBIE));
            System.out.println(KILLS + " kills, " + (zombies - FIRST_ZOMBIE) + " zombies swept, " + live.size()
                    + " rows live, 0 missing");
        }
    }

    private void round(SinkRig rig, KafkaServer kafka, RowProducer producer, int kill) throws Exception {
        Process child = KillLoop.start(rig, kafka);
        try {
            rig.execute("INSERT INTO counters SELECT i, 0 FROM generate_series(" + zombies + ", "
                    + (zombies + ZOMBIES - 1) + ") i");
            zombies += ZOMBIES;
            if (kill % 2 == 1) {
                load(producer, kill + ".given-up", false);
            }
            load(producer, kill + ".whole", true);
            // Somewhere: while it is read, while it is swept, or when all is over.
            long swept = random.nextInt(ZOMBIES + ZOMBIES / 4);
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> count(rig, "SELECT count(*) FROM gone WHERE id >= " + (zombies - ZOMBIES))
                                    >= Math.min(swept, ZOMBIES)
                            || random.nextInt(200) == 0);
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    private static long count(SinkRig rig, String sql) {
        return Long.parseLong(rig.query(sql).get(0));
    }

    private void load(RowProducer producer, String name, boolean whole) {
        List<Runnable> work = new ArrayList<>();
        marks(work, producer, Kind.BEGIN, name);
        for (long id : List.copyOf(live.keySet())) {
            if (whole || random.nextBoolean()) {
                upsert(work, producer, id);
            }
            change(work, producer);
            if (work.size() > 150) {
                send(producer, work);
                work = new ArrayList<>();
            }
        }
        for (int i = 0; i < 120; i++) {
            change(work, producer);
        }
        if (whole) {
            marks(work, producer, Kind.END, name);
        }
        send(producer, work);
        List<Runnable> after = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            change(after, producer);
        }
        send(producer, after);
    }

    /** In one transaction; now and then the one before comes again first, as when the transform was killed. */
    private void send(RowProducer producer, List<Runnable> work) {
        producer.inTransaction(() -> {
            if (random.nextInt(4) == 0) {
                last.forEach(Runnable::run);
            }
            work.forEach(Runnable::run);
        });
        last = work;
    }

    private void marks(List<Runnable> work, RowProducer producer, Kind kind, String name) {
        for (int i = 0; i < SinkRig.PARTITIONS; i++) {
            int partition = i;
            long at = offset++;
            work.add(() -> producer.markAgain(SinkKillIT.COUNTERS, kind, name, true, partition, at));
        }
    }

    private void change(List<Runnable> work, RowProducer producer) {
        if (random.nextInt(4) == 0 && !live.isEmpty()) {
            long id = List.copyOf(live.keySet()).get(random.nextInt(live.size()));
            long at = offset++;
            live.remove(id);
            work.add(() -> producer.deleteAgain(SinkKillIT.COUNTERS, SinkKillIT.ROWS, at, id));
        } else if (random.nextBoolean()) {
            upsert(work, producer, ids++);
        }
    }

    private void upsert(List<Runnable> work, RowProducer producer, long id) {
        long at = offset++;
        live.put(id, at);
        work.add(() ->
                producer.upsertAgain(SinkKillIT.COUNTERS, new Row(SinkKillIT.ROWS, new Object[] {id, at, "b"}), at));
    }

    private static List<String> target(SinkRig rig) {
        return rig.query("SELECT id, version FROM counters ORDER BY id");
    }
}

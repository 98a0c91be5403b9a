package io.sluice.sink;

import static org.awaitility.Awaitility.await;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.KafkaServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;

/** Sinks in processes of their own, one after another, each of which is killed in the midst of its work. */
final class KillLoop {

    static final int KILLS = Integer.getInteger("KILLS", 5);
    static final Duration PATIENCE = Duration.ofSeconds(90);
    /** For what is left to apply after the last kill: the more kills, the more was published meanwhile. */
    static final Duration CATCH_UP = PATIENCE.multipliedBy(1 + KILLS / 5);

    /** The children's own words: the streams of this JVM belong to the build. */
    private static final File LOG = new File("target/sink-kill-it.log");

    /** What the loops of one build did, a line each, for whoever adds them up. */
    private static final Path TALLY = Path.of("target/kills.txt");

    private final SinkRig rig;
    private final KafkaServer kafka;
    private final Random random;
    private final Runnable load;

    /** @param load a little more for the sink to do */
    KillLoop(SinkRig rig, KafkaServer kafka, Random random, Runnable load) {
        this.rig = rig;
        this.kafka = kafka;
        this.random = random;
        this.load = load;
    }

    void run() throws Exception {
        for (int kill = 0; kill < KILLS; kill++) {
            runAndKill(kill);
        }
    }

    private void runAndKill(int kill) throws Exception {
        long before = applied();
        Process child = start(rig, kafka);
        try {
            // Somewhere inside a batch: after so many more records, which no batch is cut by.
            loadUntil(before + 300 + random.nextInt(4_000));
            if (kill % 3 == 2) {
                rig.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        + "WHERE application_name LIKE 'sluice-sink-%' AND datname = current_database()");
                loadUntil(applied() + 200);
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    void loadUntil(long position) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(() -> {
            load.run();
            return applied() >= position;
        });
    }

    private long applied() {
        return Long.parseLong(rig.query("SELECT coalesce(sum(position), 0) FROM sluice.applied")
                .get(0));
    }

    static Process start(SinkRig rig, KafkaServer kafka) throws IOException {
        Database database = rig.database;
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SinkChild.class.getName(),
                        kafka.bootstrapServers(),
                        rig.pipeline.name(),
                        database.host(),
                        Integer.toString(database.port()),
                        database.user(),
                        database.password(),
                        database.name(),
                        rig.service.consistency().name(),
                        Boolean.toString(rig.decides()))
                .redirectOutput(Redirect.appendTo(LOG))
                .redirectError(Redirect.appendTo(LOG))
                .start();
    }

    /** Notes what one loop did. */
    static void note(long changes, long lost, long stale, long halfApplied) {
        try {
            Files.writeString(
                    TALLY,
                    KILLS + " " + changes + " " + lost + " " + stale + " " + halfApplied + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

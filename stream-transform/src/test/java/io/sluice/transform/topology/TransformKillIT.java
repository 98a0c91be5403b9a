package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.schemas.codec.InMemorySchemaStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a transform under load with SIGKILL, each time while a Kafka transaction of it is open and some rows of a change are in their topics and
 * others are not;
 * every other time its files are gone as well. {@code -DKILLS=50} for more of it.
 *
 * <p>A reader of what is committed must meet every change once and whole. One that does not ask for what is committed looks in the
 * same way, and must find parts of changes: so the look can tell, and the kills were where they should be.
 */
class TransformKillIT {

    private static final int KILLS = Integer.getInteger("KILLS", 4);
    private static final int PARTITIONS = 3;
    /** So many changes may wait for the transform. */
    private static final int BACKLOG = 2_000;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Random random = new Random(11);
    private final ServiceFixture fixture = ServiceFixture.families("kills", new InMemorySchemaStore(), PARTITIONS);
    private final Families families = new Families(fixture, 5);

    @Test
    void everyChangeIsThereOnceAndWholeWhereverTheTransformIsKilled() throws Exception {
        fixture.registerAll();
        try (RunningKafka kafka = new RunningKafka()) {
            kafka.prepare(fixture);
            try (Admin admin = Admin.create(kafka.connection().admin());
                    FamilyReader committed = reader(kafka, IsolationLevel.READ_COMMITTED);
                    FamilyReader all = reader(kafka, IsolationLevel.READ_UNCOMMITTED)) {
                for (int kills = 0; kills < KILLS; ) {
                    if (runAndKill(kafka, admin, committed, all)) {
                        kills++;
                        lookAt(committed);
                    }
                    if (kills % 2 == 1) {
                        wipe();
                    }
                }
                finish(kafka, committed);
                report(committed, all);
            }
        }
    }

    private FamilyReader reader(RunningKafka kafka, IsolationLevel isolation) {
        return new FamilyReader(kafka, fixture, families, isolation);
    }

    private Process start(RunningKafka kafka) throws IOException {
        return ChildTransform.startFamilies(
                "kills", PARTITIONS, kafka.connection().bootstrap(), folder.resolve("state"));
    }

    /** Whether it died inside a transaction. */
    private boolean runAndKill(RunningKafka kafka, Admin admin, FamilyReader committed, FamilyReader all)
            throws Exception {
        // What an earlier one left open is settled first, by the one that is to be killed.
        long before = committed.read().changes() + 200 + random.nextInt(1_000);
        Process child = start(kafka);
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
                load(kafka, committed);
                return committed.changes() > before;
            });
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        load(kafka, committed);
                        // The control: the same look, at what is not committed too, must find parts of changes.
                        return all.read().look().halves() > 0 && open(admin);
                    });
        } finally {
            child.destroyForcibly().waitFor();
        }
        return open(admin);
    }

    private void load(RunningKafka kafka, FamilyReader committed) {
        if (families.changes() - committed.read().changes() < BACKLOG) {
            families.change(kafka, 100);
        }
    }

    private static boolean open(Admin admin) throws Exception {
        return !admin.listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
                .all()
                .get()
                .isEmpty();
    }

    private static void lookAt(FamilyReader committed) {
        FamilyReader.Look look = committed.read().look();
        assertThat(look.halves()).as("changes in part").isZero();
        assertThat(look.doubled()).as("changes twice").isZero();
    }

    private void wipe() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void finish(RunningKafka kafka, FamilyReader committed) throws Exception {
        families.finish(kafka);
        Process child = start(kafka);
        try {
            await().atMost(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .until(() -> committed.read().changes() == families.changes()
                            && committed.look().halves() == 0);
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    private void report(FamilyReader committed, FamilyReader all) throws IOException {
        FamilyReader.Look look = committed.read().look();
        long lost = families.changes() - committed.changes();
        String report = KILLS + " kills, " + families.changes() + " changes, " + lost + " lost, " + look.doubled()
                + " doubled, " + look.halves() + " half splits";
        Files.writeString(Path.of("target", "kill-transform.txt"), report + System.lineSeparator());
        assertThat(report).endsWith(" 0 lost, 0 doubled, 0 half splits");
        assertThat(committed.rows()).isEqualTo(families.rows());
        assertThat(all.read().look().doubled())
                .as("the control: changes that were given up and made again")
                .isPositive();
    }
}

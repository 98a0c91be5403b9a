package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.Reason;
import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class TransformStageIT {

    private static final int PARTITIONS = 3;
    private static final int KEYS = 20;

    @SuppressWarnings("NullAway.Init")
    private static RunningKafka kafka;

    private final AwayStore schemas = new AwayStore();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private ServiceFixture fixture;

    @BeforeAll
    static void startKafka() {
        kafka = new RunningKafka();
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @BeforeEach
    void makeTopics(TestInfo test) {
        fixture = new ServiceFixture(
                "p" + Integer.toUnsignedString(test.getDisplayName().hashCode()), schemas, PARTITIONS);
        fixture.registerAll();
        kafka.prepare(fixture);
    }

    /** A store that can be away, and that refuses a subject where told to. */
    private static final class AwayStore implements SchemaStore {

        private final InMemorySchemaStore store = new InMemorySchemaStore();
        private volatile @Nullable SluiceException problem;
        private volatile int unknown = -1;

        private void check() {
            SluiceException current = problem;
            if (current != null) {
                throw current;
            }
        }

        @Override
        public int register(String subject, Schema schema) {
            check();
            return store.register(subject, schema);
        }

        @Override
        public Schema byId(int id) throws UnknownSchemaException {
            check();
            if (id == unknown) {
                throw new UnknownSchemaException(id);
            }
            return store.byId(id);
        }
    }

    private TransformStage stage() {
        return stage(StreamsSettings.COMMIT_INTERVAL);
    }

    private TransformStage stage(Duration commitInterval) {
        return new TransformStage(
                fixture.pipeline,
                fixture.service,
                kafka.connection(),
                schemas,
                new SimpleMeterRegistry(),
                folder.resolve("state"),
                commitInterval);
    }

    private TransformStage started() {
        TransformStage stage = stage();
        stage.start();
        return stage;
    }

    private static void awaitState(TransformStage stage, StageState state) {
        await().atMost(30, TimeUnit.SECONDS)
                .pollInterval(20, TimeUnit.MILLISECONDS)
                .untilAsserted(() -> assertThat(stage.status().state()).isEqualTo(state));
    }

    private Change.Upserted account(long id, long counter) {
        return fixture.accounts.insert(id, "owner", BigDecimal.valueOf(counter, 2));
    }

    /** Sends counters from..to of every key. */
    private void sendCounters(int from, int to) {
        for (long counter = from; counter < to; counter++) {
            for (long id = 0; id < KEYS; id++) {
                kafka.send(fixture, account(id, counter));
            }
        }
        kafka.flush();
    }

    private static long counter(RunningKafka.Received received) {
        assertThat(received.row()).isNotNull();
        return ((BigDecimal) received.row().value("balance")).unscaledValue().longValueExact();
    }

    private static void awaitRows(RunningKafka.Reader reader, int count) {
        await().atMost(60, TimeUnit.SECONDS)
                .pollDelay(Duration.ZERO)
                .until(() -> reader.poll().size() >= count);
    }

    private static void assertEachOnceInOrder(List<RunningKafka.Received> rows, int counters) {
        Map<Object, List<Long>> byKey = rows.stream()
                .collect(Collectors.groupingBy(
                        row -> row.key().part(0), Collectors.mapping(TransformStageIT::counter, Collectors.toList())));
        List<Long> expected = LongStream.range(0, counters).boxed().toList();
        assertThat(byKey).hasSize(KEYS);
        byKey.forEach((key, values) -> assertThat(values).isEqualTo(expected));
    }

    @Test
    void changesBecomeRowsOnceAndInOrderAcrossARestart() {
        try (RunningKafka.Reader rows = kafka.read(fixture, ServiceFixture.ACCOUNTS_COPY);
                RunningKafka.Reader balances = kafka.read(fixture, ServiceFixture.BALANCES)) {
            try (TransformStage stage = started()) {
                sendCounters(0, 100);
                awaitRows(rows, 100);
            }
            sendCounters(100, 150);
            try (TransformStage stage = started()) {
                awaitRows(rows, KEYS * 150);
                awaitState(stage, StageState.RUNNING);
            }
            awaitRows(balances, KEYS * 150);
            assertEachOnceInOrder(rows.poll(), 150);
            assertEachOnceInOrder(balances.poll(), 150);
            assertThat(rows.poll()).allSatisfy(row -> assertThat(
                            ServiceFixture.headers(row.record().headers()).origin())
                    .isNotNull());
        }
    }

    @Test
    void anotherProcessTakesOverFromOneThatWasKilled() throws Exception {
        try (RunningKafka.Reader rows = kafka.read(fixture, ServiceFixture.ACCOUNTS_COPY)) {
            Process child = ChildTransform.start(
                    fixture.names.pipeline(), PARTITIONS, kafka.connection().bootstrap(), folder.resolve("child"));
            try {
                sendCounters(0, 200);
                awaitRows(rows, 1);
                sendCounters(200, 400);
                child.destroyForcibly();
                sendCounters(400, 600);
                try (TransformStage stage = started()) {
                    awaitRows(rows, KEYS * 600);
                }
            } finally {
                child.destroyForcibly().waitFor();
            }
            assertEachOnceInOrder(rows.poll(), 600);
        }
    }

    @Test
    void eachMarkerReachesEveryRowPartitionOnceInItsPlaceAcrossARestartAndAKill() throws Exception {
        Position position = new Position(2, 0, 0);
        try (RunningKafka.Reader rows = kafka.read(fixture, ServiceFixture.ACCOUNTS_COPY);
                RunningKafka.Reader balances = kafka.read(fixture, ServiceFixture.BALANCES)) {
            try (TransformStage stage = started()) {
                sendCounters(0, 20);
                kafka.send(fixture, LoadMarker.begin(ServiceFixture.ACCOUNTS, "2.1", true, position));
                sendCounters(20, 40);
                awaitRows(rows, KEYS);
            }
            sendCounters(40, 60);
            Process child = ChildTransform.start(
                    fixture.names.pipeline(), PARTITIONS, kafka.connection().bootstrap(), folder.resolve("child"));
            try {
                for (int load = 2; load < 22; load++) {
                    kafka.send(fixture, LoadMarker.begin(ServiceFixture.ACCOUNTS, "2." + load, true, position));
                    sendCounters(40 + load * 10, 50 + load * 10);
                    kafka.send(fixture, LoadMarker.end(ServiceFixture.ACCOUNTS, "2." + load, true, position));
                }
                awaitRows(rows, KEYS * 60);
            } finally {
                child.destroyForcibly().waitFor();
            }
            int all = KEYS * (60 + 200);
            try (TransformStage stage = started()) {
                awaitRows(rows, all);
                awaitRows(balances, all);
                await().untilAsserted(() -> {
                    rows.poll();
                    balances.poll();
                    // One begin alone, then 20 pairs, from and into each partition.
                    assertThat(rows.markers()).hasSize(PARTITIONS * PARTITIONS * 41);
                    assertThat(balances.markers()).hasSize(PARTITIONS * PARTITIONS * 41);
                });
            }
            for (RunningKafka.Reader reader : List.of(rows, balances)) {
                assertThat(reader.markers()).doesNotHaveDuplicates();
                assertThat(reader.poll()).hasSize(all);
                assertThatMarkersStandWhereTheyStood(reader);
            }
        }
    }

    /** In each row partition, what came of one change partition keeps its order: markers among rows, and among themselves. */
    private static void assertThatMarkersStandWhereTheyStood(RunningKafka.Reader reader) {
        Map<Integer, List<Origin>> rows = reader.poll().stream()
                .collect(Collectors.groupingBy(
                        row -> row.record().partition(),
                        Collectors.mapping(
                                row -> ServiceFixture.headers(row.record().headers())
                                        .origin(),
                                Collectors.toList())));
        for (RunningKafka.Marked marked : reader.markers()) {
            Origin of = marked.marker().passed().origin();
            List<Origin> all = rows.get(marked.partition());
            Predicate<Origin> earlier = each -> each.partition() == of.partition() && each.offset() < of.offset();
            Predicate<Origin> later = each -> each.partition() == of.partition() && each.offset() > of.offset();
            assertThat(all.subList(0, marked.rowsBefore())).noneMatch(later);
            assertThat(all.subList(marked.rowsBefore(), all.size())).noneMatch(earlier);
        }
    }

    @Test
    void twoProcessesShareAServiceAndTheSecondGoesOnAlone() {
        try (RunningKafka.Reader rows = kafka.read(fixture, ServiceFixture.ACCOUNTS_COPY);
                TransformStage second = stage()) {
            try (TransformStage first = started()) {
                awaitState(first, StageState.RUNNING);
                sendCounters(0, 50);
                second.start();
                awaitState(second, StageState.RUNNING);
                sendCounters(50, 100);
                awaitRows(rows, KEYS * 100);
            }
            sendCounters(100, 150);
            awaitRows(rows, KEYS * 150);
            assertEachOnceInOrder(rows.poll(), 150);
        }
    }

    @Test
    void aLoneChangeIsCommittedWithoutWaitingForTheClock() {
        Duration clock = Duration.ofSeconds(9);
        try (RunningKafka.Reader rows = kafka.read(fixture, ServiceFixture.ACCOUNTS_COPY);
                TransformStage stage = stage(clock)) {
            stage.start();
            sendCounters(0, 1);
            awaitRows(rows, KEYS);
            List<Long> micros = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int before = rows.poll(Duration.ZERO).size();
                long startedNanos = System.nanoTime();
                kafka.send(fixture, account(1, i));
                kafka.flush();
                await().atMost(clock)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofNanos(1))
                        .until(() -> rows.poll(Duration.ofMillis(5)).size() > before);
                micros.add((System.nanoTime() - startedNanos) / 1000);
            }
            Collections.sort(micros);
            System.out.println("change to committed row: p50 " + micros.get(20) + " us, p90 " + micros.get(36) + " us");
            assertThat(Duration.ofNanos(1000 * micros.get(20))).isLessThan(clock.dividedBy(9));
        }
    }

    /** Poisons some records of some keys in each way; returns the offsets' count of what must be a dead letter, and why. */
    private Map<Reason, Long> sendPoisoned(int from, int to) {
        for (long counter = from; counter < to; counter++) {
            for (long id = 0; id < KEYS; id++) {
                Change.Upserted change = account(id, counter);
                byte[] value = fixture.value(change);
                if (counter == from + 2 && id % 5 == 1) {
                    value = Arrays.copyOf(value, value.length - 2);
                } else if (counter == from + 3 && id % 5 == 2) {
                    value[2] = 99;
                } else if (counter == from + 4 && id % 5 == 3) {
                    value = new byte[] {1, 2, 3};
                }
                kafka.send(fixture, change, value);
            }
        }
        kafka.flush();
        long keys = KEYS / 5 * 3;
        return Map.of(Reason.UNREADABLE, keys, Reason.PARKED, KEYS / 5 * ((to - from) * 3L - 3 - 4 - 5));
    }

    private static Map<Reason, Long> reasons(List<DeadLetter> letters) {
        return letters.stream()
                .collect(Collectors.groupingBy(letter -> letter.verdict().reason(), Collectors.counting()));
    }

    @Test
    void exactlyWhatCannotGoOnIsAmongTheDeadLettersAlsoWhenTheStateIsLost() throws Exception {
        try (RunningKafka.Reader rows = kafka.read(fixture, ServiceFixture.ACCOUNTS_COPY)) {
            Map<Reason, Long> expected = sendPoisoned(0, 50);
            int letters = Math.toIntExact(
                    expected.values().stream().mapToLong(Long::longValue).sum());
            Process child = ChildTransform.start(
                    fixture.names.pipeline(), PARTITIONS, kafka.connection().bootstrap(), folder.resolve("child"));
            try {
                awaitRows(rows, KEYS);
                child.destroyForcibly();
                // Another process, and none of its files.
                try (TransformStage stage = started()) {
                    awaitRows(rows, KEYS * 50 - letters);
                    assertThat(reasons(kafka.letters(fixture, letters))).isEqualTo(expected);
                    sendCounters(50, 60);
                    awaitRows(rows, KEYS * 50 - letters + KEYS / 5 * 2 * 10);
                    assertThat(kafka.letters(fixture, letters + KEYS / 5 * 3 * 10))
                            .hasSize(letters + KEYS / 5 * 3 * 10);
                    assertThat(stage.progress().parkedKeys()).isEqualTo(KEYS / 5 * 3);
                }
            } finally {
                child.destroyForcibly().waitFor();
            }
            List<DeadLetter> all = kafka.letters(fixture, letters);
            assertThat(all.stream().map(letter -> letter.partition() + "/" + letter.offset()))
                    .doesNotHaveDuplicates();
            assertThat(rows.poll()).hasSize(KEYS * 60 - all.size());
        }
    }

    @Test
    void whatIsReplayedGoesThroughOnceAndInOrderAlsoWhenItIsAskedForWhileTheServiceIsDown() {
        Change.Upserted probe = account(0, 0);
        int known = ByteBuffer.wrap(fixture.value(probe)).getInt(1);
        schemas.unknown = known;
        // More than one in twenty is unfit here, and meant to be.
        fixture = fixture.with(new DeadLettersSpec(1000, 1000, 10_000, 32 << 20));
        try (RunningKafka.Reader rows = kafka.read(fixture, ServiceFixture.ACCOUNTS_COPY)) {
            sendCounters(0, 30);
            try (TransformStage stage = started()) {
                kafka.letters(fixture, KEYS * 30);
                await().until(() -> stage.progress().parkedKeys() == KEYS);
            }
            schemas.unknown = -1;
            ReplayRequest all = new ReplayRequest(fixture.changesOf(ServiceFixture.ACCOUNTS), null);
            kafka.send(fixture, all, ServiceFixture.ACCOUNTS);
            kafka.send(fixture, all, ServiceFixture.ACCOUNTS);
            kafka.flush();
            try (TransformStage stage = started()) {
                awaitRows(rows, KEYS * 30);
                sendCounters(30, 40);
                awaitRows(rows, KEYS * 40);
                assertThat(stage.progress().parkedKeys()).isZero();
            }
            assertEachOnceInOrder(rows.poll(), 40);
            assertThat(kafka.letters(fixture, KEYS * 30)).hasSize(KEYS * 30);
        }
    }

    @Test
    void aServiceThatIsStartedAgainAndAgainDoesNotDrainIntoTheDeadLetters() {
        fixture = fixture.with(new DeadLettersSpec(2, 100, 10_000, 32 << 20));
        for (int i = 0; i < 60; i++) {
            kafka.send(fixture, account(i, 0), new byte[] {9});
        }
        kafka.flush();
        for (int attempt = 0; attempt < 3; attempt++) {
            try (TransformStage stage = started()) {
                awaitState(stage, StageState.HALTED);
                assertThat(stage.status().cause().code()).isEqualTo("DEAD_LETTERS_TOO_MANY");
            }
        }
        assertThat(kafka.letters(fixture, 0)).hasSizeLessThanOrEqualTo(2 * PARTITIONS);
    }

    @Test
    void partitionsThatWereAddedHalt() throws Exception {
        try (Admin admin = Admin.create(kafka.connection().admin())) {
            String topic = fixture.changesOf(ServiceFixture.ACCOUNTS);
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(PARTITIONS + 1)))
                    .all()
                    .get();
            await().until(() -> admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get()
                            .get(topic)
                            .partitions()
                            .size()
                    > PARTITIONS);
        }
        try (TransformStage stage = started()) {
            awaitState(stage, StageState.HALTED);
            assertThat(stage.status().cause().code()).isEqualTo("TOPIC_CHANGED");
        }
    }

    @Test
    void recordsThatExpiredUnreadHalt() throws Exception {
        sendCounters(0, 5);
        try (Admin admin = Admin.create(kafka.connection().admin())) {
            Map<TopicPartition, RecordsToDelete> first = IntStream.range(0, PARTITIONS)
                    .boxed()
                    .collect(Collectors.toMap(
                            partition -> new TopicPartition(fixture.changesOf(ServiceFixture.ACCOUNTS), partition),
                            partition -> RecordsToDelete.beforeOffset(2)));
            admin.deleteRecords(first).all().get();
        }
        try (TransformStage stage = started()) {
            awaitState(stage, StageState.HALTED);
            assertThat(stage.status().cause().code()).isEqualTo("TOPIC_OFFSETS_MISSING");
        }
    }

    @Test
    void aRegistryThatIsAwayIsWaitedForAndNothingIsLost() {
        schemas.problem =
                new EnvironmentException("REGISTRY_UNAVAILABLE", "the registry is away", null, "Start it.", null);
        Change.Upserted change = fixture.accounts.insert(1L, "x", BigDecimal.ZERO);
        SluiceException away = schemas.problem;
        schemas.problem = null;
        kafka.send(fixture, change);
        schemas.problem = away;
        kafka.flush();
        try (RunningKafka.Reader rows = kafka.read(fixture, ServiceFixture.ACCOUNTS_COPY);
                TransformStage stage = started()) {
            awaitState(stage, StageState.WAITING);
            assertThat(stage.status().cause()).isSameAs(away);
            schemas.problem = null;
            awaitRows(rows, 1);
            awaitState(stage, StageState.RUNNING);
            assertThat(rows.poll()).hasSize(1);
        }
    }

    @Test
    void aSchemaThatTheRegistryRefusesHalts() {
        kafka.send(fixture, account(1, 0));
        kafka.flush();
        schemas.problem = new HaltException("SCHEMA_INCOMPATIBLE", "the schema does not fit", "subject s", "Mend it.");
        try (TransformStage stage = started()) {
            awaitState(stage, StageState.HALTED);
            assertThat(stage.status().cause().code()).isEqualTo("SCHEMA_INCOMPATIBLE");
        }
    }

    @Test
    void aGroupWithoutOffsetsHalts() throws Exception {
        String group = fixture.names.transformApplication("ledger");
        try (Admin admin = Admin.create(kafka.connection().admin())) {
            admin.deleteConsumerGroups(List.of(group)).all().get();
        }
        try (TransformStage stage = started()) {
            awaitState(stage, StageState.HALTED);
            assertThat(stage.status().cause().code()).isEqualTo("TOPIC_OFFSETS_MISSING");
        }
    }

    @Test
    void aMissingTopicHaltsBeforeAnythingIsRead() throws Exception {
        try (Admin admin = Admin.create(kafka.connection().admin())) {
            String topic = fixture.rowsOf(ServiceFixture.BALANCES);
            admin.deleteTopics(List.of(topic)).all().get();
            // The controller has agreed; the broker that is asked may hear of it a little later.
            await().until(() -> !admin.listTopics().names().get().contains(topic));
        }
        try (TransformStage stage = started()) {
            awaitState(stage, StageState.HALTED);
            assertThat(stage.status().cause().code()).isEqualTo("TOPIC_MISSING");
        }
    }

    @Test
    void itStopsWithinFiveSecondsInEveryState() {
        TransformStage never = stage();
        never.close();
        assertThat(never.status().state()).isEqualTo(StageState.STOPPED);

        TransformStage running = started();
        awaitState(running, StageState.RUNNING);
        long startedNanos = System.nanoTime();
        running.close();
        running.close();
        assertThat(Duration.ofNanos(System.nanoTime() - startedNanos)).isLessThan(Duration.ofSeconds(5));
        assertThat(running.status().state()).isEqualTo(StageState.STOPPED);
    }

    @Test
    void aServiceThatAsksForMoreThanThisVersionCanDoIsRefused() {
        ServiceSpec asking = ServiceSpec.eventual(
                "ledger",
                TargetSpec.postgresql("x"),
                List.of(TableSpec.builder(ServiceFixture.ACCOUNTS_COPY, ServiceFixture.ACCOUNTS)
                        .onTruncate(TruncatePolicy.APPLY)
                        .build()));
        Pipeline pipeline = Pipeline.of("shop", fixture.pipeline.sources(), List.of(asking));

        assertThatThrownBy(() -> new TransformStage(
                        pipeline, asking, kafka.connection(), schemas, new SimpleMeterRegistry(), folder))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("services.ledger.tables.accounts.on-truncate");
    }
}

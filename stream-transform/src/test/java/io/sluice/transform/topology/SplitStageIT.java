package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.model.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Split rows on a real broker: what is remembered of them outlives folders and processes. */
class SplitStageIT {

    private static final int ORDERS = 10;

    @SuppressWarnings("NullAway.Init")
    private static RunningKafka kafka;

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();

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
        fixture = ServiceFixture.splitting(
                "p" + Integer.toUnsignedString(test.getDisplayName().hashCode()), schemas, 1);
        fixture.registerAll();
        kafka.prepare(fixture);
    }

    private TransformStage started() {
        TransformStage stage = new TransformStage(
                fixture.pipeline,
                fixture.service,
                kafka.connection(),
                schemas,
                new SimpleMeterRegistry(),
                folder.resolve("state"));
        stage.start();
        return stage;
    }

    private void send(long order, int items) {
        String json = IntStream.range(0, items)
                .mapToObj(i -> "{\"sku\": \"s" + i + "\"}")
                .toList()
                .toString();
        kafka.send(fixture, fixture.orders.insert(order, "ada", json, null, null, null));
    }

    private static void awaitRecords(RunningKafka.Reader reader, int count) {
        await().atMost(60, TimeUnit.SECONDS)
                .pollDelay(Duration.ZERO)
                .until(() -> reader.poll().size() >= count);
    }

    /** The keys that are there when all that was read is applied. */
    private static Set<List<Object>> left(List<RunningKafka.Received> records) {
        Set<List<Object>> left = new HashSet<>();
        for (RunningKafka.Received record : records) {
            List<Object> key = List.of(record.key().part(0), record.key().part(1));
            if (record.row() == null) {
                left.remove(key);
            } else {
                left.add(key);
            }
        }
        return left;
    }

    @Test
    void whatIsRememberedIsReadBackWhereTheFolderIsGone() throws IOException {
        try (RunningKafka.Reader lines = kafka.read(fixture, ServiceFixture.LINES)) {
            try (TransformStage first = started()) {
                send(1, 5);
                kafka.flush();
                awaitRecords(lines, 5);
            }
            try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            try (TransformStage second = started()) {
                send(1, 2);
                kafka.flush();
                awaitRecords(lines, 5 + 2 + 3);
            }
            assertThat(left(lines.poll())).containsExactlyInAnyOrder(List.of(1L, "s0"), List.of(1L, "s1"));
        }
    }

    @Test
    void noReaderOfCommittedRowsSeesHalfAParentWhoeverIsKilled() throws Exception {
        int rounds = 60;
        try (RunningKafka.Reader lines = kafka.read(fixture, ServiceFixture.LINES)) {
            Process child = ChildTransform.startSplitting(
                    fixture.names.pipeline(), 1, kafka.connection().bootstrap(), folder.resolve("child"));
            try {
                for (int round = 0; round < rounds; round++) {
                    for (int order = 0; order < ORDERS; order++) {
                        send(order, itemsOf(order, round));
                    }
                    if (round == rounds / 2) {
                        kafka.flush();
                        awaitRecords(lines, 1);
                        child.destroyForcibly();
                    }
                }
                kafka.flush();
            } finally {
                child.destroyForcibly().waitFor();
            }
            drain(lines);
            assertWhole(upserts(lines));
            try (TransformStage stage = started()) {
                await().atMost(60, TimeUnit.SECONDS)
                        .pollDelay(Duration.ZERO)
                        .untilAsserted(() -> assertThat(upserts(lines).keySet()).hasSize(versionsWithRows(rounds)));
            }
            drain(lines);
            assertWhole(upserts(lines));
            Set<List<Object>> expected = new HashSet<>();
            for (int order = 0; order < ORDERS; order++) {
                for (int i = 0; i < itemsOf(order, rounds - 1); i++) {
                    expected.add(List.of((long) order, "s" + i));
                }
            }
            assertThat(left(lines.poll())).isEqualTo(expected);
        }
    }

    /** To the end of what is committed. */
    private static void drain(RunningKafka.Reader reader) {
        for (int idle = 0, last = -1; idle < 5; last = reader.poll().size()) {
            idle = last == reader.poll().size() ? idle + 1 : 0;
        }
    }

    private static void assertWhole(Map<Long, Long> upserts) {
        assertThat(upserts).isNotEmpty();
        upserts.forEach((offset, rows) ->
                assertThat(rows).isEqualTo((long) itemsOf((int) (offset % ORDERS), (int) (offset / ORDERS))));
    }

    private static int itemsOf(int order, int round) {
        return (order * 7 + round * 5) % 9;
    }

    private static int versionsWithRows(int rounds) {
        return (int) IntStream.range(0, rounds * ORDERS)
                .filter(offset -> itemsOf(offset % ORDERS, offset / ORDERS) > 0)
                .count();
    }

    /** By the change that they came of: all of it stands in one partition, so it is there whole or not at all. */
    private static Map<Long, Long> upserts(RunningKafka.Reader reader) {
        return reader.poll().stream()
                .filter(record -> record.row() != null)
                .map(record -> ServiceFixture.headers(record.record().headers()).origin())
                .collect(Collectors.groupingBy(Origin::offset, TreeMap::new, Collectors.counting()));
    }

    @Test
    void theTopicOfWhatIsRememberedIsOursAndIsNotReplacedByAnEmptyOne() throws Exception {
        String topic = fixture.names.transformState("ledger", TransformTopology.CHILDREN);
        List<TopicSpec> topics = new TopicLayout(fixture.pipeline).all();
        try (RunningKafka.Reader lines = kafka.read(fixture, ServiceFixture.LINES);
                Admin admin = Admin.create(kafka.connection().admin());
                TopicAdmin ours = TopicAdmin.open(kafka.connection())) {
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertThat(config.get("cleanup.policy").value()).isEqualTo("compact");
            assertThat(config.get("message.timestamp.type").value()).isEqualTo("LogAppendTime");
            try (TransformStage stage = started()) {
                send(1, 1);
                kafka.flush();
                awaitRecords(lines, 1);
            }
            admin.deleteTopics(List.of(topic)).all().get();
            await().until(() -> !admin.listTopics().names().get().contains(topic));

            assertThatThrownBy(() -> ours.createMissing(topics, OptionalInt.empty()))
                    .isInstanceOfSatisfying(
                            HaltException.class, halt -> assertThat(halt.code()).isEqualTo("STATE_LOST"));
            try (TransformStage stage = started()) {
                await().atMost(30, TimeUnit.SECONDS)
                        .untilAsserted(() -> assertThat(stage.status().state()).isEqualTo(StageState.HALTED));
                assertThat(stage.status().cause().code()).isEqualTo("TOPIC_MISSING");
            }
            assertThat(ours.createMissing(topics.stream().map(TopicSpec::afresh).toList(), OptionalInt.empty()))
                    .containsExactly(topic);
        }
    }
}

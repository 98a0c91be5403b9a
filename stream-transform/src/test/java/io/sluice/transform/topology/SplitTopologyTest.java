package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.Baselines;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitTopologyTest {

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final ServiceFixture fixture = ServiceFixture.splitting("shop", schemas, 3);
    private final Topology topology = TransformTopology.of(
            fixture.names,
            fixture.service,
            schemas,
            new TransformMeters(new SimpleMeterRegistry(), "shop", "ledger"),
            new PolledRecords(StreamsSettings.MAX_POLL_RECORDS),
            Baselines.NONE);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private TopologyTestDriver driver;

    @BeforeEach
    void start() {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                fixture.names.transformApplication("ledger"),
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                "none:1",
                StreamsConfig.STATE_DIR_CONFIG,
                folder.toString(),
                StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                FailEveryRecord.class));
        driver = new TopologyTestDriver(topology, properties);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private void send(Change change) {
        driver.createInputTopic(fixture.changesOf(change.table()), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(fixture.key(change), fixture.value(change));
    }

    private List<TestRecord<byte[], byte[]>> received(TargetTable table) {
        return driver.createOutputTopic(fixture.rowsOf(table), new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    private Change.Upserted order(@Nullable String items, @Nullable List<String> tags) {
        return fixture.orders.insert(1L, "ada", items, tags, null, null);
    }

    private static String items(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"sku\": \"s" + i + "\", \"qty\": " + i + "}")
                .toList()
                .toString();
    }

    /** Applies what came to rows of the last step. */
    private void apply(Set<Object> skus) {
        for (TestRecord<byte[], byte[]> record : received(ServiceFixture.LINES)) {
            Row row = fixture.row(record.value(), record.headers());
            Object sku = fixture.rowKey(record.key()).part(1);
            if (row == null) {
                skus.remove(sku);
            } else {
                skus.add(sku);
            }
        }
    }

    @Test
    void itsShapeAndTheNameOfItsStateAreThoseThatRunningServicesHave() {
        assertThat(topology.describe())
                .hasToString(
                        """
                Topologies:
                   Sub-topology: 0
                    Source: changes (topics: [shop.ledger.requests, shop.ledger.changes.monolith.public.orders])
                      --> mapping
                    Processor: mapping (stores: [children, letters])
                      --> rows
                      <-- changes
                    Sink: rows (extractor class: the key's own topic)
                      <-- mapping

                """);
        assertThat(fixture.names.transformState("ledger", TransformTopology.CHILDREN))
                .isEqualTo("shop.ledger.transform-children-changelog");
        send(order(items(1), null));
        assertThat(driver.producedTopicNames())
                .contains(fixture.names.transformState("ledger", TransformTopology.CHILDREN));
    }

    @Test
    void rowsThatVanishFromTheirParentAreDeletedAlsoWhenNothingSaysWhatItWasBefore() {
        Set<Object> skus = new HashSet<>();
        for (int round = 0; round < 2; round++) {
            send(order(items(5), null));
            apply(skus);
            assertThat(skus).hasSize(5);
            send(order(items(2), null));
            apply(skus);
            assertThat(skus).containsExactlyInAnyOrder("s0", "s1");
            send(order(items(0), null));
            apply(skus);
            assertThat(skus).isEmpty();
        }
    }

    @Test
    void aDeletedParentTakesItsRowsAlongInEveryTable() {
        send(order("[{\"sku\": \"a\", \"lots\": [1, 2]}]", List.of("x")));
        ServiceFixture.SPLIT_TABLES.forEach(this::received);

        send(fixture.orders.deleteByKey(1L));

        assertThat(received(ServiceFixture.LINES)).singleElement().satisfies(record -> assertThat(record.value())
                .isNull());
        assertThat(received(ServiceFixture.LOTS)).hasSize(2).allSatisfy(record -> assertThat(record.value())
                .isNull());
        assertThat(received(ServiceFixture.TAGS)).hasSize(1);
        assertThat(received(ServiceFixture.PARTS)).isEmpty();
        assertThat(remembered()).isZero();
    }

    @Test
    void rowsKeepTheirPlaceInTheOriginWhateverIsDeletedAndDeletionsComeLast() {
        send(order(items(3), List.of("x", "y")));
        List<TestRecord<byte[], byte[]>> first = received(ServiceFixture.TAGS);
        received(ServiceFixture.LINES);
        send(order(items(0), List.of("x", "y")));
        send(order(items(2), List.of("x")));
        received(ServiceFixture.LINES);
        send(order(items(1), List.of("z")));

        List<Integer> parts = received(ServiceFixture.TAGS).stream()
                .map(record -> ServiceFixture.headers(record.headers()).origin().part())
                .toList();
        assertThat(first.stream().map(record -> ServiceFixture.headers(record.headers())
                        .origin()
                        .part()))
                .containsExactly(3, 4);
        // Two, of which nothing was there before; one, and a deletion; another one, and a deletion behind that of a
        // line.
        assertThat(parts).containsExactly(0, 1, 2, 3, 1, 3);
    }

    @Test
    void whatIsRejectedForOneTableLeavesNoTraceForAnother() {
        send(fixture.orders.insert(1L, "ada", items(2), Arrays.asList("x", null), null, null));

        assertThat(driver.createOutputTopic(
                                fixture.names.deadLetters("ledger"),
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer())
                        .readRecordsToList())
                .hasSize(1);
        assertThat(received(ServiceFixture.LINES)).isEmpty();
        assertThat(remembered()).isZero();
    }

    @Test
    void anUpdateThatLeavesTheKeysAsTheyAreWritesNothingToTheState() {
        send(order(items(2), null));
        int before = changelog();
        send(order(items(2), null));
        assertThat(before).isPositive();
        assertThat(changelog()).isZero();
        assertThat(received(ServiceFixture.LINES)).hasSize(4);
    }

    private int changelog() {
        return driver.createOutputTopic(
                        fixture.names.transformState("ledger", TransformTopology.CHILDREN),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())
                .readRecordsToList()
                .size();
    }

    private long remembered() {
        try (KeyValueIterator<Object, Object> all =
                driver.getKeyValueStore(TransformTopology.CHILDREN).all()) {
            long count = 0;
            while (all.hasNext()) {
                all.next();
                count++;
            }
            return count;
        }
    }
}

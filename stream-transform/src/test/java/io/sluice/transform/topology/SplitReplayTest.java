package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.topic.Partitions;
import io.sluice.transform.mapping.Baselines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Whatever happens to source rows that are taken apart, and however often it is read again: the rows at the target are those of the
 * last version of each, and no others. No change says what a row was before.
 */
class SplitReplayTest {

    private static final int ROW_PARTITIONS = 3;

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final ServiceFixture fixture = ServiceFixture.splitting("shop", schemas, ROW_PARTITIONS);

    /** An order is now this: its items with their lots, its tags; without items it is gone. */
    record Version(int order, @Nullable Map<String, Integer> items, Set<String> tags) {}

    /** When so many changes were read, the input is set back by that many. */
    record Rewind(int at, int back) {}

    @Provide
    Arbitrary<List<Version>> versions() {
        Arbitrary<Map<String, Integer>> items = Arbitraries.maps(
                        Arbitraries.of("a", "b", "c", "d", "e"),
                        Arbitraries.integers().between(0, 3))
                .ofMaxSize(5)
                .injectNull(0.2);
        return Combinators.combine(
                        Arbitraries.integers().between(1, 3),
                        items,
                        Arbitraries.of("x", "y", "z").set().ofMaxSize(3))
                .as(Version::new)
                .list()
                .ofMaxSize(30);
    }

    @Provide
    Arbitrary<List<Rewind>> rewinds() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 30),
                        Arbitraries.integers().between(1, 30))
                .as(Rewind::new)
                .list()
                .ofMaxSize(4);
    }

    private Change change(Version version) {
        Map<String, Integer> items = version.items();
        if (items == null) {
            return fixture.orders.deleteByKey((long) version.order());
        }
        return fixture.orders.insert(
                (long) version.order(), "customer", itemsJson(items), List.copyOf(version.tags()), null, "{}");
    }

    private static String itemsJson(Map<String, Integer> items) {
        return items.entrySet().stream()
                .map(item -> "{\"sku\": \"" + item.getKey() + "\", \"qty\": " + item.getValue() + ", \"lots\": ["
                        + "7, ".repeat(item.getValue()) + "8]}")
                .toList()
                .toString();
    }

    /** The keys of all rows that there should be, by plain reckoning. */
    private static Map<TargetTable, Set<String>> expected(List<Version> versions) {
        Map<Integer, Version> last = new TreeMap<>();
        versions.forEach(version -> last.put(version.order(), version));
        Set<String> lines = new TreeSet<>();
        Set<String> lots = new TreeSet<>();
        Set<String> tags = new TreeSet<>();
        Set<String> parts = new TreeSet<>();
        last.forEach((order, version) -> {
            if (version.items() != null) {
                version.items().forEach((sku, qty) -> {
                    lines.add(order + " " + sku + " = " + qty);
                    for (int lot = 0; lot <= qty; lot++) {
                        lots.add(order + " " + sku + " " + lot + " = " + (lot < qty ? 7 : 8));
                    }
                });
                version.tags().forEach(tag -> tags.add(order + " " + tag));
                parts.add(order + " second");
            }
        });
        return Map.of(
                ServiceFixture.LINES, lines,
                ServiceFixture.LOTS, lots,
                ServiceFixture.TAGS, tags,
                ServiceFixture.PARTS, parts);
    }

    /** In the order in which they are read, each with the place that it is read from. */
    private static List<Integer> reading(int changes, List<Rewind> rewinds) {
        List<Integer> read = new ArrayList<>();
        int next = 0;
        int rewound = 0;
        while (next < changes) {
            read.add(next++);
            if (rewound < rewinds.size() && read.size() >= rewinds.get(rewound).at()) {
                next = Math.max(0, next - rewinds.get(rewound++).back());
            }
        }
        return read;
    }

    @Property(tries = 40)
    void theTopologyLeavesTheRowsOfTheLastVersions(
            @ForAll("versions") List<Version> versions, @ForAll("rewinds") List<Rewind> rewinds) throws IOException {
        Target target = new Target(false);
        List<Change> changes = versions.stream().map(this::change).toList();
        Path state = Files.createTempDirectory(Path.of("target"), "state");
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "shop.ledger.transform");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        TransformMeters meters = new TransformMeters(new SimpleMeterRegistry(), "shop", "ledger");
        try (TopologyTestDriver driver = new TopologyTestDriver(
                TransformTopology.of(
                        fixture.names,
                        fixture.service,
                        schemas,
                        meters,
                        new PolledRecords(StreamsSettings.MAX_POLL_RECORDS),
                        Baselines.NONE),
                properties)) {
            for (int each : reading(changes.size(), rewinds)) {
                driver.createInputTopic(
                                fixture.changesOf(ServiceFixture.ORDERS),
                                new ByteArraySerializer(),
                                new ByteArraySerializer())
                        .pipeInput(fixture.key(changes.get(each)), fixture.value(changes.get(each)));
            }
            for (TargetTable table : ServiceFixture.SPLIT_TABLES) {
                driver.createOutputTopic(
                                fixture.rowsOf(table), new ByteArrayDeserializer(), new ByteArrayDeserializer())
                        .readRecordsToList()
                        .forEach(record ->
                                target.apply(fixture.rowsOf(table), record.key(), record.value(), record.headers()));
            }
        } finally {
            Files.deleteIfExists(state.resolve("shop.ledger.transform"));
            Files.deleteIfExists(state);
        }

        assertThat(target.tables()).isEqualTo(expected(versions));
    }

    @Property(tries = 200)
    void aReaderThatDropsWhatItHasMetIsLeftWithTheRowsOfTheLastVersionsToo(
            @ForAll("versions") List<Version> versions, @ForAll("rewinds") List<Rewind> rewinds) throws Exception {
        Target target = new Target(true);
        List<Change> changes = versions.stream().map(this::change).toList();
        MockProcessorContext<RoutedKey, byte @Nullable []> context = new MockProcessorContext<>();
        KeyValueStore<org.apache.kafka.common.utils.Bytes, byte[]> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(TransformTopology.CHILDREN),
                        org.apache.kafka.common.serialization.Serdes.Bytes(),
                        org.apache.kafka.common.serialization.Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
        SplitRows splits = new SplitRows(TransformTopology.CHILDREN);
        splits.open(context);
        ChangeMapper mapper = new ChangeMapper(
                schemas,
                new Routing(
                        fixture.names,
                        fixture.service,
                        schemas,
                        new TransformMeters(new SimpleMeterRegistry(), "shop", "ledger"),
                        Baselines.NONE),
                splits);
        String topic = fixture.changesOf(ServiceFixture.ORDERS);
        for (int each : reading(changes.size(), rewinds)) {
            Change change = changes.get(each);
            List<Record<RoutedKey, byte @Nullable []>> out = new ArrayList<>();
            mapper.rows(
                    mapper.decode(fixture.key(change), fixture.value(change), topic),
                    new Place(topic, 0, each),
                    0,
                    out);
            out.forEach(record ->
                    target.apply(record.key().topic(), record.key().wire(), record.value(), record.headers()));
        }
        store.close();

        assertThat(target.tables()).isEqualTo(expected(versions));
    }

    /** The rows as they come to be. */
    private final class Target {

        private final boolean drops;
        private final Map<String, Map<String, String>> rows = new HashMap<>();
        private final Map<String, Origin> marks = new HashMap<>();

        /** @param drops whether it leaves out what is at or below what it has met in that partition */
        Target(boolean drops) {
            this.drops = drops;
        }

        void apply(String topic, byte[] key, byte @Nullable [] value, Headers headers) {
            Origin origin = ServiceFixture.headers(headers).origin();
            String partition = topic + Partitions.of(key, ROW_PARTITIONS);
            Origin mark = marks.get(partition);
            if (drops && mark != null && !isAfter(origin, mark)) {
                return;
            }
            marks.put(partition, origin);
            List<String> parts = new ArrayList<>();
            for (int i = 0; i < fixture.rowKey(key).size(); i++) {
                parts.add(String.valueOf(fixture.rowKey(key).part(i)));
            }
            String name = String.join(" ", parts);
            Row row = fixture.row(value, headers);
            if (row == null) {
                rows.getOrDefault(topic, new HashMap<>()).remove(name);
            } else {
                int amount = row.schema().indexOf("amount");
                rows.computeIfAbsent(topic, of -> new HashMap<>())
                        .put(name, amount < 0 ? name : name + " = " + row.value(amount));
            }
        }

        private static boolean isAfter(Origin origin, Origin mark) {
            return origin.offset() > mark.offset() || (origin.offset() == mark.offset() && origin.part() > mark.part());
        }

        Map<TargetTable, Set<String>> tables() {
            Map<TargetTable, Set<String>> tables = new HashMap<>();
            for (TargetTable table : ServiceFixture.SPLIT_TABLES) {
                tables.put(
                        table,
                        new TreeSet<>(rows.getOrDefault(fixture.rowsOf(table), Map.of())
                                .values()));
            }
            return tables;
        }
    }
}

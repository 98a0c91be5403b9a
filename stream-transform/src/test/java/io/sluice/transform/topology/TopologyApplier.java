package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.schemas.codec.ChangeEncoder;
import io.sluice.schemas.codec.ChangeSchemas;
import io.sluice.schemas.codec.DecoderCache;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RowDecoder;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.topic.Names;
import io.sluice.transform.mapping.Baselines;
import io.sluice.transform.mapping.MappingResult;
import io.sluice.transform.mapping.SourceTable;
import io.sluice.transform.spec.ChangeApplier;
import io.sluice.transform.spec.Spec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** Applies changes as a running service does: encoded, through the whole topology, and its rows decoded again. */
final class TopologyApplier implements ChangeApplier, AutoCloseable {

    private final Spec spec;
    private final Path folder;
    private final Names names;
    private final ServiceTopics topics;
    private final ChangeApplier pure;
    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final DecoderCache<KeyDecoder> keys = new DecoderCache<>(schemas, KeyDecoder::new);
    private final DecoderCache<RowDecoder> rows = new DecoderCache<>(schemas, RowDecoder::new);
    private @Nullable TopologyTestDriver driver;
    private long boundary;

    /** @param folder where its stores keep their files, its own */
    TopologyApplier(Spec spec, Path folder) {
        this.spec = spec;
        this.folder = folder;
        this.names = new Names(spec.pipeline());
        this.topics = new ServiceTopics(names, spec.service());
        this.pure = ChangeApplier.pure(spec.mapping());
    }

    private TopologyTestDriver driver() {
        TopologyTestDriver open = driver;
        if (open == null) {
            Properties properties = new Properties();
            properties.putAll(Map.of(
                    StreamsConfig.APPLICATION_ID_CONFIG,
                    "behaviours",
                    StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                    "none:1",
                    StreamsConfig.STATE_DIR_CONFIG,
                    folder.toString(),
                    StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                    FailEveryRecord.class));
            TransformMeters meters = new TransformMeters(
                    new SimpleMeterRegistry(), spec.pipeline(), spec.service().name());
            PolledRecords polled = new PolledRecords(StreamsSettings.MAX_POLL_RECORDS);
            open = new TopologyTestDriver(
                    TransformTopology.of(names, spec.service(), schemas, meters, polled, Baselines.NONE), properties);
            driver = open;
        }
        return open;
    }

    /** What is rejected becomes no row of any table; why it is, the mapping alone says. */
    @Override
    public Map<TargetTable, MappingResult> apply(Change change) {
        Map<TargetTable, MappingResult> results = pure.apply(change);
        boolean rejected = results.values().stream().anyMatch(MappingResult.Rejected.class::isInstance)
                && !empties(change, results.keySet());
        try {
            send(change);
        } catch (StreamsException e) {
            if (!rejected) {
                throw e;
            }
        }
        Map<TargetTable, List<RowChange>> received =
                spec.service().isStrong() ? receivedInOrder(results.keySet(), change) : new LinkedHashMap<>();
        if (!spec.service().isStrong()) {
            results.keySet().forEach(table -> received.put(table, received(table, change)));
        }
        if (rejected) {
            assertThat(received.values()).allMatch(List::isEmpty);
            // The next steps are about the mapping, not about a key that is parked.
            close();
            return results;
        }
        Map<TargetTable, MappingResult> passed = new LinkedHashMap<>();
        received.forEach((table, rows) -> passed.put(table, new MappingResult.Mapped(rows)));
        return passed;
    }

    private void send(Change change) {
        SourceTable source = spec.sources().stream()
                .filter(table -> table.id().equals(change.table()))
                .findFirst()
                .orElseThrow();
        String topic = topics.changes(change.table());
        int keyId = schemas.register(Names.keySubject(topic), ChangeSchemas.key(source.id(), source.row()));
        int valueId = schemas.register(
                Names.valueSubject(topic), ChangeSchemas.value(source.id(), source.row(), source.wholeBefore()));
        Key key = change instanceof Change.Upserted upserted
                ? upserted.key()
                : change instanceof Change.Deleted deleted ? deleted.key() : null;
        byte[] keyBytes = key == null
                ? null
                : new KeyEncoder(source.row().keySchema(), ChangeSchemas.namespace(source.id()), keyId).encode(key);
        TestInputTopic<byte[], byte[]> into =
                driver().createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
        TransactionMarker begin = TransactionMarker.begin(
                "7", new Position(1, ++boundary, 0), change.provenance().commitTimeMicros());
        if (spec.service().isStrong()) {
            into.pipeInput(bound(begin));
        }
        into.pipeInput(keyBytes, new ChangeEncoder(source.id(), source.row(), valueId).encode(change));
        if (spec.service().isStrong()) {
            into.pipeInput(bound(begin.end(new Position(1, boundary + 1, 0), 1)));
        }
    }

    private static TestRecord<byte[], byte[]> bound(TransactionMarker marker) {
        Headers headers = new RecordHeaders();
        marker.write(headers::add);
        return new TestRecord<>(null, null, headers);
    }

    /** In a strong service a truncation has its place among the changes, where the file lets it. */
    private boolean empties(Change change, Set<TargetTable> tables) {
        return change instanceof Change.Truncated
                && tables.stream()
                        .allMatch(table ->
                                spec.service().table(table).orElseThrow().onTruncate() == TruncatePolicy.APPLY);
    }

    /** What a transaction of one change became: its bounds, and as many rows between them as its end says, or nothing at all. */
    private Map<TargetTable, List<RowChange>> receivedInOrder(Set<TargetTable> tables, Change change) {
        Map<TargetTable, List<RowChange>> received = new LinkedHashMap<>();
        tables.forEach(table -> received.put(table, new ArrayList<>()));
        List<TestRecord<byte[], byte[]>> records =
                output(topics.rows(tables.iterator().next()));
        if (records.isEmpty()) {
            return received;
        }
        List<TransactionMarker> bounds = Stream.of(records.get(0), records.get(records.size() - 1))
                .map(TopologyApplier::bound)
                .filter(Objects::nonNull)
                .toList();
        assertThat(bounds).extracting(TransactionMarker::kind).startsWith(TransactionMarker.Kind.BEGIN);
        if (bounds.size() == 2) {
            assertThat(bounds.get(1).changes()).isEqualTo(records.size() - 2);
        }
        for (TestRecord<byte[], byte[]> record : records.subList(1, Math.max(1, records.size() - 1))) {
            TargetTable table = target(record);
            if (record.key() != null) {
                received.get(table).add(decoded(table, record, change));
            } else {
                assertThat(ServiceFixture.headers(record.headers()).operation()).isEqualTo(Operation.TRUNCATE);
            }
        }
        return received;
    }

    private static @Nullable TransactionMarker bound(TestRecord<byte[], byte[]> record) {
        try {
            return TransactionMarker.read(name -> {
                Header header = record.headers().lastHeader(name);
                return header == null ? null : header.value();
            });
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static TargetTable target(TestRecord<byte[], byte[]> record) {
        try {
            return TargetHeader.read(
                    record.headers().lastHeader(TargetHeader.NAME).value());
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private List<RowChange> received(TargetTable table, Change change) {
        List<RowChange> changes = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : output(topics.rows(table))) {
            changes.add(decoded(table, record, change));
        }
        return changes;
    }

    private List<TestRecord<byte[], byte[]>> output(String topic) {
        return driver().createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    private RowChange decoded(TargetTable table, TestRecord<byte[], byte[]> record, Change change) {
        try {
            Key key = keys.of(record.key()).decode(record.key());
            byte[] value = record.value();
            return value == null
                    ? new RowChange.Delete(table, key, change.provenance())
                    : new RowChange.Upsert(
                            table,
                            key,
                            rows.of(value)
                                    .decode(
                                            value,
                                            ServiceFixture.headers(record.headers())
                                                    .unchanged()),
                            change.provenance());
        } catch (MalformedRecordException | UnknownSchemaException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        if (driver != null) {
            driver.close();
            driver = null;
        }
    }
}

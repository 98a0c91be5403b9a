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
import io.sluice.schemas.codec.RowDecoder;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TargetTable;
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
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** Applies changes as a running service does: encoded, through the whole topology, and its rows decoded again. */
final class TopologyApplier implements ChangeApplier, AutoCloseable {

    private final Spec spec;
    private final Path folder;
    private final Names names;
    private final ChangeApplier pure;
    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final DecoderCache<KeyDecoder> keys = new DecoderCache<>(schemas, KeyDecoder::new);
    private final DecoderCache<RowDecoder> rows = new DecoderCache<>(schemas, RowDecoder::new);
    private @Nullable TopologyTestDriver driver;

    /** @param folder where its stores keep their files, its own */
    TopologyApplier(Spec spec, Path folder) {
        this.spec = spec;
        this.folder = folder;
        this.names = new Names(spec.pipeline());
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
        boolean rejected = results.values().stream().anyMatch(MappingResult.Rejected.class::isInstance);
        try {
            send(change);
        } catch (StreamsException e) {
            if (!rejected) {
                throw e;
            }
        }
        Map<TargetTable, List<RowChange>> received = new LinkedHashMap<>();
        results.keySet().forEach(table -> received.put(table, received(table, change)));
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
        String topic = names.changes(spec.service().name(), change.table());
        int keyId = schemas.register(Names.keySubject(topic), ChangeSchemas.key(source.id(), source.row()));
        int valueId = schemas.register(
                Names.valueSubject(topic), ChangeSchemas.value(source.id(), source.row(), source.wholeBefore()));
        Key key = change instanceof Change.Upserted upserted
                ? upserted.key()
                : change instanceof Change.Deleted deleted ? deleted.key() : null;
        byte[] keyBytes = key == null
                ? null
                : new KeyEncoder(source.row().keySchema(), ChangeSchemas.namespace(source.id()), keyId).encode(key);
        driver().createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(keyBytes, new ChangeEncoder(source.id(), source.row(), valueId).encode(change));
    }

    private List<RowChange> received(TargetTable table, Change change) {
        List<RowChange> changes = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : driver().createOutputTopic(
                        names.rows(spec.service().name(), table),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())
                .readRecordsToList()) {
            changes.add(decoded(table, record, change));
        }
        return changes;
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

package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.Baselines;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** The topology of a service without a broker: changes in on one side, what became of them on the other. */
final class DrivenTopology implements AutoCloseable {

    final InMemorySchemaStore schemas;
    final ServiceFixture fixture;
    final TransformMeters meters = new TransformMeters(new SimpleMeterRegistry(), "shop", "ledger");
    final Topology topology;
    private final TopologyTestDriver driver;

    DrivenTopology(InMemorySchemaStore schemas, ServiceFixture fixture) {
        this(schemas, fixture, Baselines.NONE);
    }

    DrivenTopology(InMemorySchemaStore schemas, ServiceFixture fixture, Baselines baselines) {
        this.schemas = schemas;
        this.fixture = fixture;
        this.topology = TransformTopology.of(
                fixture.names,
                fixture.service,
                schemas,
                meters,
                new PolledRecords(StreamsSettings.MAX_POLL_RECORDS),
                baselines);
        Properties properties = new Properties();
        properties.putAll(Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                "shop.ledger.transform",
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                "none:1",
                StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                FailEveryRecord.class));
        this.driver = new TopologyTestDriver(topology, properties);
    }

    static DrivenTopology start() {
        InMemorySchemaStore schemas = new InMemorySchemaStore();
        return new DrivenTopology(schemas, new ServiceFixture(schemas, 1));
    }

    void send(Change change) {
        send(change.table(), fixture.key(change), fixture.value(change));
    }

    void send(TableId table, byte @Nullable [] key, byte @Nullable [] value) {
        send(fixture.changesOf(table), key, value, new RecordHeaders());
    }

    void send(TableId topicOf, LoadMarker marker) {
        Headers headers = new RecordHeaders();
        marker.write(headers::add);
        send(fixture.changesOf(topicOf), null, null, headers);
    }

    void send(ReplayRequest request) {
        String topic = fixture.names.transformRequests("ledger");
        request.records(topic, 1).forEach(record -> send(topic, record.key(), record.value(), record.headers()));
    }

    void send(String topic, byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(new TestRecord<>(key, value, headers));
    }

    /** What has come to the table's row topic since the last call. */
    List<TestRecord<byte[], byte[]>> received(TargetTable table) {
        return received(fixture.rowsOf(table));
    }

    List<TestRecord<byte[], byte[]>> received(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    /** The letters since the last call; each must be one. */
    List<DeadLetter> letters() {
        List<DeadLetter> letters = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : received(fixture.names.deadLetters("ledger"))) {
            letters.add(DeadLetter.read(new ConsumerRecord<>(
                            "letters",
                            0,
                            0,
                            0,
                            TimestampType.LOG_APPEND_TIME,
                            0,
                            0,
                            record.key(),
                            record.value(),
                            record.headers(),
                            Optional.empty()))
                    .orElseThrow());
        }
        return letters;
    }

    Row row(TestRecord<byte[], byte[]> record) {
        Row row = fixture.row(record.value(), record.headers());
        assertThat(row).isNotNull();
        return row;
    }

    SluiceException failure(Throwable thrown) {
        return new Failures("shop.ledger.transform").classify(thrown);
    }

    @Override
    public void close() {
        driver.close();
    }
}

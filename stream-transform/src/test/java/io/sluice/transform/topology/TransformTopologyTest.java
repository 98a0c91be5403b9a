package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransformTopologyTest {

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final ServiceFixture fixture = new ServiceFixture(schemas, 3);
    private final TransformMeters meters = new TransformMeters(new SimpleMeterRegistry(), "shop", "ledger");
    private final Topology topology = TransformTopology.of(
            fixture.names, fixture.service, schemas, meters, new PolledRecords(StreamsSettings.MAX_POLL_RECORDS));
    private final TopologyTestDriver driver = driver();

    private TopologyTestDriver driver() {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                "shop.ledger.transform",
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                "none:1",
                StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                FailEveryRecord.class));
        return new TopologyTestDriver(topology, properties);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private void send(Change change) {
        send(change.table(), fixture.key(change), fixture.value(change));
    }

    private void send(TableId table, byte @Nullable [] key, byte @Nullable [] value) {
        TestInputTopic<byte[], byte[]> topic =
                driver.createInputTopic(fixture.changesOf(table), new ByteArraySerializer(), new ByteArraySerializer());
        topic.pipeInput(key, value);
    }

    private List<TestRecord<byte[], byte[]>> received(TargetTable table) {
        TestOutputTopic<byte[], byte[]> topic = driver.createOutputTopic(
                fixture.rowsOf(table), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        return topic.readRecordsToList();
    }

    private Row row(TestRecord<byte[], byte[]> record) {
        Row row = fixture.row(record.value(), record.headers());
        assertThat(row).isNotNull();
        return row;
    }

    private SluiceException failure(Throwable thrown) {
        return new Failures("shop.ledger.transform").classify(thrown);
    }

    @Test
    void itsShapeIsTheOneThatRunningServicesHave() {
        assertThat(topology.describe())
                .hasToString(
                        """
                Topologies:
                   Sub-topology: 0
                    Source: changes (topics: [shop.ledger.changes.monolith.public.accounts, shop.ledger.changes.monolith.public.users])
                      --> mapping
                    Processor: mapping (stores: [])
                      --> rows
                      <-- changes
                    Sink: rows (extractor class: the key's own topic)
                      <-- mapping

                """);
    }

    @Test
    void oneChangeBecomesARowOfEachTargetTable() {
        Change.Upserted change = fixture.accounts.insert(7L, "ada", new BigDecimal("1.50"));
        send(change);

        TestRecord<byte[], byte[]> copy = received(ServiceFixture.ACCOUNTS_COPY).get(0);
        assertThat(row(copy).value("owner")).isEqualTo("ada");
        assertThat(fixture.rowKey(copy.key()).part(0)).isEqualTo(7L);
        TestRecord<byte[], byte[]> balance = received(ServiceFixture.BALANCES).get(0);
        assertThat(row(balance).value("account")).isEqualTo(7L);
        assertThat(row(balance).value("balance")).isEqualTo(new BigDecimal("1.50"));
        assertThat(received(ServiceFixture.CONTACTS)).isEmpty();
        assertThat(meters.progress()).isEqualTo(new TransformProgress(1, 2));
    }

    @Test
    void headersSayWhatItIsAndWhereItComesFrom() {
        send(fixture.accounts.insert(1L, "x", null));
        Change.Upserted change = fixture.accounts.insert(7L, Unchanged.UNCHANGED, null);
        send(change);

        RecordHeaders copy = ServiceFixture.headers(
                received(ServiceFixture.ACCOUNTS_COPY).get(1).headers());
        String topic = fixture.changesOf(ServiceFixture.ACCOUNTS);
        assertThat(copy.operation()).isEqualTo(Operation.UPSERT);
        assertThat(copy.provenance()).isEqualTo(change.provenance());
        assertThat(copy.origin()).isEqualTo(new Origin(topic, 0, 1, 0));
        assertThat(copy.unchanged()).containsExactly("owner");
        RecordHeaders balance =
                ServiceFixture.headers(received(ServiceFixture.BALANCES).get(1).headers());
        assertThat(balance.origin()).isEqualTo(new Origin(topic, 0, 1, 1));
        assertThat(balance.unchanged()).isEmpty();
    }

    @Test
    void aDeleteIsATombstoneWithHeaders() {
        send(fixture.accounts.deleteByKey(7L));

        TestRecord<byte[], byte[]> record =
                received(ServiceFixture.ACCOUNTS_COPY).get(0);
        assertThat(record.value()).isNull();
        assertThat(fixture.rowKey(record.key()).part(0)).isEqualTo(7L);
        assertThat(ServiceFixture.headers(record.headers()).operation()).isEqualTo(Operation.DELETE);
    }

    @Test
    void aMovedKeyIsADeleteAndThenAnUpsert() {
        send(fixture.users.update(fixture.users.row(1, "old@b"), fixture.users.row(1, "new@b")));

        List<TestRecord<byte[], byte[]>> records = received(ServiceFixture.CONTACTS);
        assertThat(records)
                .extracting(record -> fixture.rowKey(record.key()).part(0))
                .containsExactly("old@b", "new@b");
        assertThat(records.get(0).value()).isNull();
        assertThat(records)
                .extracting(record ->
                        ServiceFixture.headers(record.headers()).origin().part())
                .containsExactly(1, 2);
    }

    private void send(TableId topicOf, LoadMarker marker) {
        Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
        marker.write(headers::add);
        driver.createInputTopic(fixture.changesOf(topicOf), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(new TestRecord<>(null, null, headers));
    }

    @Test
    void aMarkerGoesToEachTableThatItsRowsGoToWithItsOriginAndTheNumberOfPartitions() throws Exception {
        LoadMarker marker = LoadMarker.begin(ServiceFixture.ACCOUNTS, "2.1", true, new Position(2, 7, 0));
        send(fixture.accounts.insert(1L, "x", null));
        send(ServiceFixture.ACCOUNTS, marker);

        Origin origin = new Origin(fixture.changesOf(ServiceFixture.ACCOUNTS), 0, 1, 0);
        for (TargetTable table : List.of(ServiceFixture.ACCOUNTS_COPY, ServiceFixture.BALANCES)) {
            TestRecord<byte[], byte[]> record = received(table).get(1);
            assertThat(record.key()).isNull();
            assertThat(record.value()).isNull();
            assertThat(ServiceFixture.marker(record.headers())).isEqualTo(marker.passedOn(origin, 3));
        }
        assertThat(received(ServiceFixture.USERS_COPY)).isEmpty();
        assertThat(meters.progress()).isEqualTo(new TransformProgress(1, 2));
    }

    @Test
    void aMarkerInAnotherTablesTopicHalts() {
        LoadMarker marker = LoadMarker.begin(ServiceFixture.USERS, "2.1", true, new Position(2, 7, 0));
        assertThat(failure(catchThrowable(() -> send(ServiceFixture.ACCOUNTS, marker)))
                        .code())
                .isEqualTo("RECORD_UNREADABLE");
    }

    @Test
    void aRecordThatIsNoneOfOursHaltsWithItsPlace() {
        send(fixture.accounts.insert(1L, "x", null));
        byte[] key = fixture.key(fixture.accounts.insert(2L, "x", null));

        SluiceException halt = failure(catchThrowable(
                () -> send(ServiceFixture.ACCOUNTS, key, new byte[] {'g', 'a', 'r', 'b', 'a', 'g', 'e'})));

        assertThat(halt).isInstanceOf(HaltException.class);
        assertThat(halt.code()).isEqualTo("RECORD_UNREADABLE");
        assertThat(halt.place()).isEqualTo("topic shop.ledger.changes.monolith.public.accounts partition 0 offset 1");
    }

    @Test
    void aTruncatedRecordAnUnknownSchemaAndAMissingValueHaltToo() {
        Change.Upserted change = fixture.accounts.insert(1L, "secret-value", null);
        byte[] key = fixture.key(change);
        byte[] whole = fixture.value(change);
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 3);
        byte[] unknown = whole.clone();
        unknown[3] = 77;

        SluiceException truncated = failure(catchThrowable(() -> send(ServiceFixture.ACCOUNTS, key, cut)));
        assertThat(truncated.code()).isEqualTo("RECORD_UNREADABLE");
        assertThat(truncated.getMessage()).doesNotContain("secret-value");
        assertThat(failure(catchThrowable(() -> send(ServiceFixture.ACCOUNTS, key, unknown)))
                        .code())
                .isEqualTo("SCHEMA_UNKNOWN");
        assertThat(failure(catchThrowable(() -> send(ServiceFixture.ACCOUNTS, key, null)))
                        .code())
                .isEqualTo("RECORD_UNREADABLE");
        assertThat(received(ServiceFixture.ACCOUNTS_COPY)).isEmpty();
    }

    @Test
    void aRecordOfAnotherTableHalts() {
        Change.Upserted user = fixture.users.insert(1, "a@b");

        SluiceException halt =
                failure(catchThrowable(() -> send(ServiceFixture.ACCOUNTS, fixture.key(user), fixture.value(user))));

        assertThat(halt.code()).isEqualTo("RECORD_UNREADABLE");
        assertThat(halt.problem()).contains("monolith.public.users");
    }

    @Test
    void aTruncatedTableHalts() {
        assertThat(failure(catchThrowable(() -> send(fixture.accounts.truncate())))
                        .code())
                .isEqualTo("RECORD_REJECTED");
    }

    @Test
    void everyRowOfARecordIsMadeBeforeTheFirstIsHandedOn() {
        // The first target needs the key alone, the second one the deleted row: nothing may come of the first one
        // either.
        Key key = fixture.users.deleteByKey(1).key();
        Change.Deleted change = fixture.users.deleteByKey(1);

        assertThatThrownBy(
                        () -> send(ServiceFixture.USERS, fixture.key(ServiceFixture.USERS, key), fixture.value(change)))
                .hasRootCauseInstanceOf(HaltException.class);
        assertThat(received(ServiceFixture.USERS_COPY)).isEmpty();
        assertThat(received(ServiceFixture.CONTACTS)).isEmpty();
    }
}

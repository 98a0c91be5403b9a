package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransformTopologyTest {

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final DrivenTopology driven = new DrivenTopology(schemas, new ServiceFixture(schemas, 3));
    private final ServiceFixture fixture = driven.fixture;

    @AfterEach
    void close() {
        driven.close();
    }

    @Test
    void itsShapeIsTheOneThatRunningServicesHave() {
        assertThat(driven.topology.describe())
                .hasToString(
                        """
                Topologies:
                   Sub-topology: 0
                    Source: changes (topics: [%s])
                      --> mapping
                    Processor: mapping (stores: [letters])
                      --> rows
                      <-- changes
                    Sink: rows (extractor class: the key's own topic)
                      <-- mapping

                """
                                .formatted("shop.ledger.changes.monolith.public.accounts, shop.ledger.requests, "
                                        + "shop.ledger.changes.monolith.public.users"));
    }

    @Test
    void oneChangeBecomesARowOfEachTargetTable() {
        Change.Upserted change = fixture.accounts.insert(7L, "ada", new BigDecimal("1.50"));
        driven.send(change);

        TestRecord<byte[], byte[]> copy =
                driven.received(ServiceFixture.ACCOUNTS_COPY).get(0);
        assertThat(driven.row(copy).value("owner")).isEqualTo("ada");
        assertThat(fixture.rowKey(copy.key()).part(0)).isEqualTo(7L);
        TestRecord<byte[], byte[]> balance =
                driven.received(ServiceFixture.BALANCES).get(0);
        assertThat(driven.row(balance).value("account")).isEqualTo(7L);
        assertThat(driven.row(balance).value("balance")).isEqualTo(new BigDecimal("1.50"));
        assertThat(driven.received(ServiceFixture.CONTACTS)).isEmpty();
        assertThat(driven.meters.progress()).isEqualTo(new TransformProgress(1, 2, Map.of(), 0, Map.of()));
    }

    @Test
    void headersSayWhatItIsAndWhereItComesFrom() {
        driven.send(fixture.accounts.insert(1L, "x", null));
        Change.Upserted change = fixture.accounts.insert(7L, Unchanged.UNCHANGED, null);
        driven.send(change);

        RecordHeaders copy = ServiceFixture.headers(
                driven.received(ServiceFixture.ACCOUNTS_COPY).get(1).headers());
        String topic = fixture.changesOf(ServiceFixture.ACCOUNTS);
        assertThat(copy.operation()).isEqualTo(Operation.UPSERT);
        assertThat(copy.provenance()).isEqualTo(change.provenance());
        assertThat(copy.origin()).isEqualTo(new Origin(topic, 0, 1, 0));
        assertThat(copy.unchanged()).containsExactly("owner");
        RecordHeaders balance = ServiceFixture.headers(
                driven.received(ServiceFixture.BALANCES).get(1).headers());
        assertThat(balance.origin()).isEqualTo(new Origin(topic, 0, 1, 1));
        assertThat(balance.unchanged()).isEmpty();
    }

    @Test
    void aDeleteIsATombstoneWithHeaders() {
        driven.send(fixture.accounts.deleteByKey(7L));

        TestRecord<byte[], byte[]> record =
                driven.received(ServiceFixture.ACCOUNTS_COPY).get(0);
        assertThat(record.value()).isNull();
        assertThat(fixture.rowKey(record.key()).part(0)).isEqualTo(7L);
        assertThat(ServiceFixture.headers(record.headers()).operation()).isEqualTo(Operation.DELETE);
    }

    @Test
    void aMovedKeyIsADeleteAndThenAnUpsert() {
        driven.send(fixture.users.update(fixture.users.row(1, "old@b"), fixture.users.row(1, "new@b")));

        List<TestRecord<byte[], byte[]>> records = driven.received(ServiceFixture.CONTACTS);
        assertThat(records)
                .extracting(record -> fixture.rowKey(record.key()).part(0))
                .containsExactly("old@b", "new@b");
        assertThat(records.get(0).value()).isNull();
        assertThat(records)
                .extracting(record ->
                        ServiceFixture.headers(record.headers()).origin().part())
                .containsExactly(1, 2);
    }

    @Test
    void aMarkerGoesToEachTableThatItsRowsGoToWithItsOriginAndTheNumberOfPartitions() throws Exception {
        LoadMarker marker = LoadMarker.begin(ServiceFixture.ACCOUNTS, "2.1", true, new Position(2, 7, 0));
        driven.send(fixture.accounts.insert(1L, "x", null));
        driven.send(ServiceFixture.ACCOUNTS, marker);

        Origin origin = new Origin(fixture.changesOf(ServiceFixture.ACCOUNTS), 0, 1, 0);
        for (TargetTable table : List.of(ServiceFixture.ACCOUNTS_COPY, ServiceFixture.BALANCES)) {
            TestRecord<byte[], byte[]> record = driven.received(table).get(1);
            assertThat(record.key()).isNull();
            assertThat(record.value()).isNull();
            assertThat(ServiceFixture.marker(record.headers())).isEqualTo(marker.passedOn(origin, 3));
        }
        assertThat(driven.received(ServiceFixture.USERS_COPY)).isEmpty();
        assertThat(driven.meters.progress()).isEqualTo(new TransformProgress(1, 2, Map.of(), 0, Map.of()));
    }

    @Test
    void aTruncatedTableHalts() {
        assertThat(driven.failure(catchThrowable(() -> driven.send(fixture.accounts.truncate())))
                        .code())
                .isEqualTo("RECORD_REJECTED");
    }

    @Test
    void everyRowOfARecordIsMadeBeforeTheFirstIsHandedOn() {
        // The first target needs the key alone, the second one the deleted row: nothing may come of the first one
        // either.
        driven.send(fixture.users.deleteByKey(1));

        assertThat(driven.received(ServiceFixture.USERS_COPY)).isEmpty();
        assertThat(driven.received(ServiceFixture.CONTACTS)).isEmpty();
        assertThat(driven.letters()).hasSize(1);
    }
}

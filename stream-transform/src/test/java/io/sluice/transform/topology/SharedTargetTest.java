package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.SourceHeader;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.TruncatePolicy;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rows of several source tables in one row topic. */
class SharedTargetTest {

    private static final TransactionMarker BEGIN = TransactionMarker.begin("7", new Position(1, 1000, 0), 99);

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();

    private static TableSpecBuilder from(TableId... sources) {
        return TableSpec.builder(ServiceFixture.ACCOUNTS_COPY, List.of(sources))
                .disjointKeys(sources.length > 1)
                .columns(ColumnsSpec.only(List.of(new ColumnSpec(
                        "id",
                        new ColumnValue.Field(FieldPath.of("id")),
                        Optional.of("bigint"),
                        Optional.empty(),
                        Place.NOWHERE))));
    }

    private static @Nullable TableId source(TestRecord<byte[], byte[]> record) {
        try {
            return SourceHeader.read(name -> {
                Header header = record.headers().lastHeader(name);
                return header == null ? null : header.value();
            });
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static void send(DrivenTopology driven, TransactionMarker bound) {
        Headers headers = new RecordHeaders();
        bound.write(headers::add);
        driven.send(driven.fixture.names.changesInOrder("ledger"), null, null, headers);
    }

    @Test
    void aRowAndADeletionSayWhichTableTheyComeFrom() {
        try (DrivenTopology driven = new DrivenTopology(
                schemas,
                ServiceFixture.of(
                        schemas,
                        from(ServiceFixture.ACCOUNTS, ServiceFixture.USERS).build()))) {
            driven.send(driven.fixture.accounts.insert(1L, "owner", BigDecimal.ONE));
            driven.send(driven.fixture.users.insert(2, "a@b"));
            driven.send(driven.fixture.accounts.deleteByKey(1L));

            assertThat(driven.received(ServiceFixture.ACCOUNTS_COPY))
                    .extracting(SharedTargetTest::source)
                    .containsExactly(ServiceFixture.ACCOUNTS, ServiceFixture.USERS, ServiceFixture.ACCOUNTS);
        }
    }

    @Test
    void whereThereIsOneTableRowsDoNotRepeatIt() {
        try (DrivenTopology driven = new DrivenTopology(
                schemas,
                ServiceFixture.of(schemas, from(ServiceFixture.ACCOUNTS).build()))) {
            driven.send(driven.fixture.accounts.insert(1L, "owner", BigDecimal.ONE));

            assertThat(driven.received(ServiceFixture.ACCOUNTS_COPY))
                    .singleElement()
                    .satisfies(record -> assertThat(source(record)).isNull());
        }
    }

    @Test
    void aTruncationInAStrongServiceSaysWhoseRowsGo() {
        try (DrivenTopology driven = new DrivenTopology(
                schemas,
                ServiceFixture.strong(
                        schemas,
                        from(ServiceFixture.ACCOUNTS, ServiceFixture.USERS)
                                .onTruncate(TruncatePolicy.APPLY)
                                .build()))) {
            send(driven, BEGIN);
            driven.send(driven.fixture.users.insert(2, "a@b"));
            driven.send(driven.fixture.accounts.truncate());
            send(driven, BEGIN.end(new Position(1, 2000, 0), 2));

            List<String> received = new ArrayList<>();
            for (TestRecord<byte[], byte[]> record : driven.received(driven.fixture.names.rowsInOrder("ledger"))) {
                TableId source = source(record);
                if (source != null) {
                    Operation operation =
                            ServiceFixture.headers(record.headers()).operation();
                    received.add(operation.text() + " " + source.table());
                }
            }
            assertThat(received)
                    .containsExactly(
                            "upsert " + ServiceFixture.USERS.table(), "truncate " + ServiceFixture.ACCOUNTS.table());
        }
    }
}

package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A strong service: transactions in, transactions out, whole, in order, counted anew, and nothing skipped. */
class OrderedIntakeTest {

    private static final TransactionMarker BEGIN = TransactionMarker.begin("7", new Position(1, 1000, 0), 99);
    private static final Position REACHED = new Position(1, 2000, 0);

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final DrivenTopology driven = new DrivenTopology(
            schemas, new ServiceFixture("shop", schemas, 1, Consistency.STRONG, DeadLettersSpec.DEFAULT));

    @AfterEach
    void close() {
        driven.close();
    }

    private void send(TransactionMarker bound) {
        Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
        bound.write(headers::add);
        driven.send(driven.fixture.names.changesInOrder("ledger"), null, null, headers);
    }

    private Change.Upserted account(long id) {
        return driven.fixture.accounts.insert(id, "owner", BigDecimal.ONE);
    }

    private Change.Upserted loaded(Change.Upserted change) {
        return new Change.Upserted(
                change.table(),
                change.key(),
                change.after(),
                null,
                new Provenance(change.provenance().position(), 1, null, Provenance.Kind.SNAPSHOT));
    }

    private static byte @Nullable [] header(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null ? null : header.value();
    }

    /** Each record in a few words: what it is, of which target table, and its count where it has one. */
    private List<String> received() {
        List<String> lines = new ArrayList<>();
        try {
            for (TestRecord<byte[], byte[]> record : driven.received(driven.fixture.names.rowsInOrder("ledger"))) {
                TransactionMarker bound = TransactionMarker.read(name -> header(record.headers(), name));
                byte[] target = header(record.headers(), TargetHeader.NAME);
                String of = target == null ? "" : " " + TargetHeader.read(target);
                LoadMarker load = ServiceFixture.marker(record.headers());
                if (bound != null) {
                    lines.add(bound.kind().text() + " " + bound.transaction() + " " + bound.changes());
                } else if (load != null) {
                    lines.add(load.kind().text() + of);
                } else {
                    lines.add(
                            ServiceFixture.headers(record.headers()).operation().text() + of);
                }
            }
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
        return lines;
    }

    private String failure(Runnable sending) {
        return driven.failure(catchThrowable(sending::run)).code();
    }

    @Test
    void aTransactionStaysOneAndItsRowsAreCountedAnew() {
        send(BEGIN);
        driven.send(account(1));
        driven.send(driven.fixture.users.insert(1, "a@b"));
        driven.send(driven.fixture.accounts.deleteByKey(2L));
        send(BEGIN.end(REACHED, 3));

        assertThat(received())
                .containsExactly(
                        "transaction-begin 7 0",
                        "upsert accounts",
                        "upsert balances",
                        "upsert users",
                        "upsert contacts",
                        "delete accounts",
                        "delete balances",
                        "transaction-end 7 6");
    }

    @Test
    void boundsSayWhatTheSourceSaidAndWhereTheyComeFrom() throws Exception {
        send(BEGIN);
        driven.send(account(1));
        send(BEGIN.end(REACHED, 1));

        List<TestRecord<byte[], byte[]>> records = driven.received(driven.fixture.names.rowsInOrder("ledger"));
        Headers first = records.get(0).headers();
        Headers last = records.get(3).headers();
        assertThat(TransactionMarker.read(name -> header(first, name))).isEqualTo(BEGIN);
        assertThat(TransactionMarker.read(name -> header(last, name))).isEqualTo(BEGIN.end(REACHED, 2));
        String topic = driven.fixture.names.changesInOrder("ledger");
        List<Origin> origins = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : records) {
            origins.add(RecordHeaders.origin(name -> header(record.headers(), name)));
        }
        assertThat(origins)
                .containsExactly(
                        new Origin(topic, 0, 1, 0),
                        new Origin(topic, 0, 1, 1),
                        new Origin(topic, 0, 1, 2),
                        new Origin(topic, 0, 2, 0));
        assertThat(records.get(1).key()).isNotEqualTo(records.get(2).key());
    }

    @Test
    void aTruncateStandsInItsTurn() {
        send(BEGIN);
        driven.send(account(1));
        driven.send(driven.fixture.accounts.truncate());
        driven.send(account(2));
        send(BEGIN.end(REACHED, 3));

        assertThat(received())
                .containsExactly(
                        "transaction-begin 7 0",
                        "upsert accounts",
                        "upsert balances",
                        Operation.TRUNCATE.text() + " accounts",
                        Operation.TRUNCATE.text() + " balances",
                        "upsert accounts",
                        "upsert balances",
                        "transaction-end 7 6");
    }

    @Test
    void aTruncateThatTheFileDoesNotAllowHalts() {
        send(BEGIN);
        assertThat(failure(() -> driven.send(driven.fixture.users.truncate()))).isEqualTo("RECORD_REJECTED");
    }

    @Test
    void aLoadStandsOutsideOfTransactionsAndItsMarkersNameEachTarget() {
        driven.send(
                ServiceFixture.ACCOUNTS,
                LoadMarker.begin(ServiceFixture.ACCOUNTS, "1.1", false, new Position(1, 7, 0)));
        driven.send(loaded(account(1)));

        assertThat(received())
                .containsExactly("load-begin accounts", "load-begin balances", "upsert accounts", "upsert balances");
        send(BEGIN);
        assertThat(failure(() -> driven.send(loaded(account(2))))).isEqualTo("TRANSACTION_TORN");
    }

    @Test
    void aCountThatDoesNotMatchHalts() {
        send(BEGIN);
        driven.send(account(1));
        assertThat(failure(() -> send(BEGIN.end(REACHED, 2)))).isEqualTo("TRANSACTION_TORN");
        assertThat(received()).doesNotContain("transaction-end 7 2");
    }

    @Test
    void anEndWithoutItsBeginHalts() {
        assertThat(failure(() -> send(BEGIN.end(REACHED, 1)))).isEqualTo("TRANSACTION_TORN");
    }

    @Test
    void aBeginInsideATransactionHalts() {
        send(BEGIN);
        assertThat(failure(() -> send(TransactionMarker.begin("8", REACHED, 100))))
                .isEqualTo("TRANSACTION_TORN");
    }

    @Test
    void anotherTransactionsEndHalts() {
        send(BEGIN);
        driven.send(account(1));
        assertThat(failure(() -> send(TransactionMarker.begin("8", REACHED, 99).end(REACHED, 1))))
                .isEqualTo("TRANSACTION_TORN");
    }

    @Test
    void aChangeOutsideATransactionHalts() {
        assertThat(failure(() -> driven.send(account(1)))).isEqualTo("TRANSACTION_TORN");
    }

    @Test
    void aRecordThatCannotBeReadHaltsAndItsTransactionStaysWithoutAnEnd() {
        send(BEGIN);
        driven.send(account(1));
        assertThat(failure(() -> driven.send(
                        ServiceFixture.ACCOUNTS, driven.fixture.key(account(2)), new byte[] {0, 0, 0, 0, 99, 1})))
                .isEqualTo("SCHEMA_UNKNOWN");
        assertThat(received()).containsExactly("transaction-begin 7 0", "upsert accounts", "upsert balances");
        assertThat(driven.received(driven.fixture.names.deadLetters("ledger"))).isEmpty();
    }

    @Test
    void aChangeThatCannotBeMappedHalts() {
        send(BEGIN);
        assertThat(failure(() -> driven.send(driven.fixture.users.deleteByKey(1))))
                .isEqualTo("RECORD_REJECTED");
        assertThat(received()).isEmpty();
    }

    @Test
    void anOpenTransactionSurvivesBeingStored() {
        OpenTransaction open = OpenTransaction.begun(BEGIN).with(2).with(0);

        assertThat(OpenTransaction.read(open.stored())).isEqualTo(open);
        assertThat(open.changes()).isEqualTo(2);
        assertThat(open.rows()).isEqualTo(2);
    }
}

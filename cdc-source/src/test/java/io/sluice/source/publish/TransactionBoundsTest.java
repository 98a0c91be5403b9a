package io.sluice.source.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class TransactionBoundsTest {

    private final List<String> sent = new ArrayList<>();
    private final TransactionBounds bounds = new TransactionBounds(Set.of("ledger", "audit"), this::sent);

    @Test
    void aTransactionHasABeginAndAnEndInEachTopicThatHoldsSomeOfIt() {
        change("ledger", 10, 1, "7");
        change("orders", 10, 1, "7");
        change("ledger", 10, 2, "7");
        change("audit", 10, 2, "7");
        bounds.reached(1, 0x20);

        assertThat(sent)
                .containsExactly(
                        "ledger transaction-begin 7 1/a/0",
                        "ledger change",
                        "orders change",
                        "ledger change",
                        "audit transaction-begin 7 1/a/0",
                        "audit change",
                        "ledger transaction-end 7 1/20/0 2",
                        "audit transaction-end 7 1/20/0 1");
    }

    @Test
    void aTransactionWithoutChangesLeavesNothing() {
        bounds.reached(1, 0x20);
        change("orders", 0x20, 1, "8");
        bounds.reached(1, 0x30);

        assertThat(sent).containsExactly("orders change");
    }

    @Test
    void theNextTransactionCountsForItself() {
        change("ledger", 10, 1, "7");
        bounds.reached(1, 0x20);
        bounds.reached(1, 0x28);
        change("ledger", 0x28, 4, "9");
        bounds.reached(1, 0x30);

        assertThat(sent)
                .endsWith("ledger transaction-begin 9 1/28/0", "ledger change", "ledger transaction-end 9 1/30/0 1")
                .hasSize(6);
    }

    private void change(String topic, long boundary, long order, String transaction) {
        bounds.send(
                new ProducerRecord<>(topic, 0, new byte[0], new byte[0]),
                new Provenance(new Position(1, boundary, order), 5, transaction, Provenance.Kind.STREAM));
    }

    private void sent(ProducerRecord<byte[], byte[]> record) {
        TransactionMarker marker;
        try {
            marker = TransactionMarker.read(name -> record.headers().lastHeader(name) == null
                    ? null
                    : record.headers().lastHeader(name).value());
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
        if (marker == null) {
            sent.add(record.topic() + " change");
            return;
        }
        assertThat(record.key()).isNull();
        assertThat(record.value()).isNull();
        assertThat(record.partition()).isZero();
        sent.add(record.topic() + " " + marker.kind().text() + " " + marker.transaction() + " " + marker.position()
                + (marker.kind() == TransactionMarker.Kind.END ? " " + marker.changes() : ""));
    }
}

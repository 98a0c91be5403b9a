package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.codec.ChangeDecoder;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.codec.Wire;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.topic.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a consumer finds in the topic of a strong service, each record held to the topic's rules as it comes. */
final class OrderedTopic {

    /** A transaction, whole. */
    record Transaction(String name, List<Change> changes) {}

    private final SchemaStore schemas;
    private final Map<Integer, ChangeDecoder> decoders = new HashMap<>();
    private final Map<Integer, KeyDecoder> keys = new HashMap<>();
    private final List<Transaction> transactions = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<Change> open = new ArrayList<>();
    private TransactionMarker begin;
    private Position last = new Position(1, 0, 0);
    private long loadMarks;

    private OrderedTopic(SchemaStore schemas) {
        this.schemas = schemas;
    }

    static OrderedTopic read(Capture capture) throws Exception {
        OrderedTopic topic = new OrderedTopic(capture.schemas);
        for (ConsumerRecord<byte[], byte[]> record :
                capture.records(new Names(capture.pipelineName).changesInOrder(Capture.STRONG))) {
            topic.take(record);
        }
        assertThat(topic.begin).as("a begin without its end").isNull();
        return topic;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) throws Exception {
        assertThat(record.partition()).isZero();
        Function<String, byte[]> headers = name -> record.headers().lastHeader(name) == null
                ? null
                : record.headers().lastHeader(name).value();
        if (record.value() != null) {
            Change change = decode(record);
            assertThat(RecordHeaders.read(headers).provenance()).isEqualTo(change.provenance());
            take(change);
            return;
        }
        assertThat(record.key()).isNull();
        TransactionMarker marker = TransactionMarker.read(headers);
        if (marker == null) {
            assertThat(LoadMarker.read(headers)).isNotNull();
            assertThat(begin).as("a load's mark inside a transaction").isNull();
            loadMarks++;
        } else if (marker.kind() == TransactionMarker.Kind.BEGIN) {
            assertThat(begin).as("a begin inside a transaction").isNull();
            assertThat(marker.position()).isGreaterThanOrEqualTo(last);
            begin = marker;
        } else {
            end(marker);
        }
    }

    private void take(Change change) {
        changes.add(change);
        Provenance provenance = change.provenance();
        if (provenance.kind() == Provenance.Kind.SNAPSHOT) {
            assertThat(begin).as("a load's row inside a transaction").isNull();
            return;
        }
        assertThat(begin).as("a change outside a transaction").isNotNull();
        open.add(change);
        Position position = provenance.position();
        if (position.order() == 0) {
            // A delete that turned out to hold only at the boundary.
            assertThat(position).isGreaterThanOrEqualTo(last);
        } else {
            assertThat(position).isGreaterThan(last);
            assertThat(position.boundary()).isEqualTo(begin.position().boundary());
            assertThat(provenance.transaction()).isEqualTo(begin.transaction());
            assertThat(provenance.commitTimeMicros()).isEqualTo(begin.commitTimeMicros());
        }
        last = position;
    }

    private void end(TransactionMarker end) {
        assertThat(begin).as("an end without its begin").isNotNull();
        assertThat(end).isEqualTo(begin.end(end.position(), open.size()));
        assertThat(end.position()).isGreaterThanOrEqualTo(last);
        last = end.position();
        transactions.add(new Transaction(end.transaction(), List.copyOf(open)));
        open.clear();
        begin = null;
    }

    private Change decode(ConsumerRecord<byte[], byte[]> record) throws Exception {
        int id = Wire.schemaId(record.value());
        ChangeDecoder decoder = decoders.get(id);
        if (decoder == null) {
            decoder = new ChangeDecoder(schemas.byId(id));
            decoders.put(id, decoder);
        }
        if (record.key() == null) {
            return decoder.decode(record.value(), null);
        }
        int keyId = Wire.schemaId(record.key());
        KeyDecoder key = keys.get(keyId);
        if (key == null) {
            key = new KeyDecoder(schemas.byId(keyId));
            keys.put(keyId, key);
        }
        return decoder.decode(record.value(), key.decode(record.key()));
    }

    List<Transaction> transactions() {
        return List.copyOf(transactions);
    }

    /** Every change of a table, also those that a load has read. */
    List<Change> changes(String table) {
        return changes.stream()
                .filter(change -> change.table().table().equals(table))
                .toList();
    }

    /** The rows of a table after all of it, as {@link Capture#lines(Map)} writes them. */
    List<String> rows(String table) {
        List<Change> ofTable = changes(table);
        int from = 0;
        for (int i = 0; i < ofTable.size(); i++) {
            from = ofTable.get(i) instanceof Change.Truncated ? i : from;
        }
        return Capture.lines(Capture.replayed(ofTable.subList(from, ofTable.size())));
    }

    long loadMarks() {
        return loadMarks;
    }
}

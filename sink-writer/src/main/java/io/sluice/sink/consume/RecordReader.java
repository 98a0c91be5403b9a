package io.sluice.sink.consume;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.DecoderCache;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.RowDecoder;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.SourceHeader;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Batch;
import io.sluice.sink.batch.Incoming;
import io.sluice.sink.batch.RowPartition;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Kafka records of row topics to row changes. Belongs to one thread. */
final class RecordReader {

    private final Map<String, TargetTable> tables;
    private final Map<ByteBuffer, TargetTable> targets;
    private final Map<TargetTable, Map<String, TableId>> several;
    private final DecoderCache<KeyDecoder> keys;
    private final DecoderCache<RowDecoder> rows;

    /**
     * @param tables by the name of their topic; none where one topic holds the rows of all, which then say of which they are
     * @param all the service's tables
     * @param several of those that have several sources, each source by its change topic, where it has one of its own
     */
    RecordReader(
            Map<String, TargetTable> tables,
            Collection<TargetTable> all,
            Map<TargetTable, Map<String, TableId>> several,
            SchemaStore schemas) {
        this.tables = Map.copyOf(tables);
        this.several = Map.copyOf(several);
        this.targets = all.stream()
                .collect(Collectors.toMap(table -> ByteBuffer.wrap(TargetHeader.of(table)), table -> table));
        this.keys = new DecoderCache<>(schemas, KeyDecoder::new);
        this.rows = new DecoderCache<>(schemas, RowDecoder::new);
    }

    /**
     * Reads one record into the batch.
     *
     * @return the row that it brings; null if it brings none, or was applied before
     * @throws HaltException if it is none of ours: it stays in its topic, and nothing behind it is applied
     */
    @Nullable
    Incoming read(RowPartition partition, ConsumerRecord<byte[], byte[]> record, Batch batch) {
        try {
            if (record.key() == null) {
                readKeyless(partition, record, batch);
                return null;
            }
            Incoming incoming = incoming(partition, record);
            return batch.add(incoming) ? incoming : null;
        } catch (MalformedRecordException | UnknownSchemaException e) {
            throw unreadable(partition, record, e);
        }
    }

    /** What a record says of a transaction's begin or end; null if nothing. */
    static @Nullable TransactionMarker bound(ConsumerRecord<byte[], byte[]> record) {
        try {
            return record.key() == null && record.value() == null
                    ? TransactionMarker.read(name -> header(record, name))
                    : null;
        } catch (MalformedRecordException e) {
            // Whoever reads it into a batch says so.
            return null;
        }
    }

    /** What it was made from; null if it does not say. */
    static @Nullable Origin origin(ConsumerRecord<byte[], byte[]> record) {
        try {
            return RecordHeaders.origin(name -> header(record, name));
        } catch (MalformedRecordException e) {
            return null;
        }
    }

    private void readKeyless(RowPartition partition, ConsumerRecord<byte[], byte[]> record, Batch batch)
            throws MalformedRecordException {
        Function<String, byte @Nullable []> headers = name -> header(record, name);
        TransactionMarker bound = bound(record);
        if (bound != null && tables.isEmpty()) {
            batch.add(partition, record.offset(), bound, RecordHeaders.origin(headers));
            return;
        }
        LoadMarker marker = record.value() == null ? LoadMarker.read(headers) : null;
        if (marker != null && marker.passed() != null) {
            batch.add(partition, table(record), marker);
            return;
        }
        RecordHeaders of = tables.isEmpty() && record.value() == null ? RecordHeaders.read(headers) : null;
        if (of == null || of.operation() != Operation.TRUNCATE) {
            throw new MalformedRecordException("it has no key");
        }
        TargetTable table = table(record);
        batch.addEmptying(
                partition, record.offset(), table, source(table, headers, of.origin()), of.provenance(), of.origin());
    }

    /** Reads a record that was set aside. */
    Incoming again(RowPartition partition, ConsumerRecord<byte[], byte[]> record) {
        try {
            return incoming(partition, record);
        } catch (MalformedRecordException | UnknownSchemaException e) {
            throw unreadable(partition, record, e);
        }
    }

    private Incoming incoming(RowPartition partition, ConsumerRecord<byte[], byte[]> record)
            throws MalformedRecordException, UnknownSchemaException {
        Function<String, byte @Nullable []> named = name -> header(record, name);
        RecordHeaders headers = RecordHeaders.read(named);
        RowChange change = change(record, headers);
        return new Incoming(
                partition,
                record.offset(),
                change,
                headers.origin(),
                several.isEmpty() ? null : source(change.table(), named, headers.origin()));
    }

    /** Rows that were written when their table had one source do not say it; the topic that they were made from does. */
    private @Nullable String source(
            TargetTable table, Function<String, byte @Nullable []> headers, @Nullable Origin origin)
            throws MalformedRecordException {
        Map<String, TableId> byTopic = several.get(table);
        if (byTopic == null) {
            return null;
        }
        TableId named = SourceHeader.read(headers);
        TableId source = named == null && origin != null ? byTopic.get(origin.topic()) : named;
        return source == null ? null : source.toString();
    }

    private static HaltException unreadable(
            RowPartition partition, ConsumerRecord<byte[], byte[]> record, Exception e) {
        return new HaltException(
                "RECORD_UNREADABLE",
                "the record can't be read: " + e.getMessage(),
                partition + " offset " + record.offset(),
                "Something other than this pipeline wrote to the topic, or its schema was deleted from the registry. "
                        + "Restore the schema; then start again.",
                e);
    }

    private TargetTable table(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException {
        TargetTable table = tables.get(record.topic());
        if (table != null) {
            return table;
        }
        byte[] target = tables.isEmpty() ? header(record, TargetHeader.NAME) : null;
        if (target == null) {
            throw new MalformedRecordException("no table of this service has this topic");
        }
        TargetTable named = targets.get(ByteBuffer.wrap(target));
        if (named == null) {
            throw new MalformedRecordException("this service has no table " + TargetHeader.read(target));
        }
        return named;
    }

    private static byte @Nullable [] header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : header.value();
    }

    private RowChange change(ConsumerRecord<byte[], byte[]> record, RecordHeaders headers)
            throws MalformedRecordException, UnknownSchemaException {
        TargetTable table = table(record);
        if (headers.operation() == Operation.TRUNCATE
                || (headers.operation() == Operation.DELETE) != (record.value() == null)) {
            throw new MalformedRecordException("its headers and its value contradict each other");
        }
        Key key = keys.of(record.key()).decode(record.key());
        if (record.value() == null) {
            return new RowChange.Delete(table, key, headers.provenance());
        }
        return new RowChange.Upsert(
                table, key, rows.of(record.value()).decode(record.value(), headers.unchanged()), headers.provenance());
    }
}

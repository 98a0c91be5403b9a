package io.sluice.sink;

import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.codec.AvroNames;
import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.RowEncoder;
import io.sluice.schemas.codec.RowSchemas;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.SourceHeader;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.topic.Names;
import io.sluice.schemas.topic.Partitions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Stands in for the transform: writes row records as it does, in Kafka transactions. Belongs to one thread. */
public final class RowProducer implements AutoCloseable {

    private final KafkaProducer<byte[], byte[]> producer;
    private final Names names;
    private final String service;
    private final SchemaStore schemas;
    private final int partitions;
    private final boolean strong;
    private final Map<RowSchema, Encoders> encoders = new HashMap<>();
    private final AtomicLong changeOffset = new AtomicLong();
    private long sent;
    private @Nullable TableId source;

    private record Encoders(KeyEncoder key, RowEncoder row) {}

    public RowProducer(
            KafkaConnection kafka, String pipeline, String service, SchemaStore schemas, int partitions, String id) {
        this(kafka, pipeline, service, schemas, partitions, id, false);
    }

    RowProducer(
            KafkaConnection kafka,
            String pipeline,
            String service,
            SchemaStore schemas,
            int partitions,
            String id,
            boolean strong) {
        Map<String, Object> properties = new HashMap<>(kafka.producer());
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, pipeline + "-" + id);
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        this.names = new Names(pipeline);
        this.service = service;
        this.schemas = schemas;
        this.partitions = partitions;
        this.strong = strong;
        producer.initTransactions();
    }

    /** Sends in one Kafka transaction. */
    public void inTransaction(Runnable work) {
        producer.beginTransaction();
        work.run();
        producer.commitTransaction();
    }

    /** Goes on with rows and markers of this source table, for a target table that has several. */
    RowProducer from(TableId table) {
        source = table;
        return this;
    }

    private TableId source(TargetTable table) {
        return source == null ? new TableId("monolith", "public", table.table()) : source;
    }

    /** Goes on as if the next change stood at this offset: what was sent from there on is sent again. */
    void setBack(long offset) {
        changeOffset.set(offset);
    }

    long offset() {
        return changeOffset.get();
    }

    /** A source transaction, whose rows the work sends: its bounds around them, in one topic with those of other tables. */
    void transaction(String name, Runnable work) {
        begin(name);
        work.run();
        end(name, sent);
    }

    void begin(String name) {
        sent = 0;
        send(TransactionMarker.begin(name, new Position(1, changeOffset.get(), 0), System.currentTimeMillis() * 1000));
    }

    /** @param rows what it says that there are of them */
    void end(String name, long rows) {
        send(TransactionMarker.begin(name, new Position(1, changeOffset.get(), 0), System.currentTimeMillis() * 1000)
                .end(new Position(1, changeOffset.get() + 1, 0), rows));
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(TransactionMarker bound) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(names.rowsInOrder(service), 0, null, null);
        bound.write((name, header) -> record.headers().add(name, header));
        RecordHeaders.write(
                new Origin("changes", 0, changeOffset.getAndIncrement(), 0),
                (name, header) -> record.headers().add(name, header));
        producer.send(record);
    }

    /** All rows of the table go, in their turn. */
    void truncate(TargetTable table) {
        send(table, null, null, Operation.TRUNCATE, Provenance.Kind.STREAM, List.of(), changeOffset.getAndIncrement());
    }

    /** A row that a load has read. */
    void load(TargetTable table, Row row) {
        Encoders of = encoders(table, row.schema());
        byte[] key = of.key().encode(row.key(row.schema().keySchema()));
        send(
                table,
                key,
                of.row().encode(row),
                Operation.UPSERT,
                Provenance.Kind.SNAPSHOT,
                List.of(),
                changeOffset.getAndIncrement());
    }

    public void upsert(TargetTable table, Row row) {
        upsertAgain(table, row, changeOffset.getAndIncrement());
    }

    /** @param offset of the change that it was made from */
    public void upsertAgain(TargetTable table, Row row, long offset) {
        Encoders of = encoders(table, row.schema());
        byte[] key = of.key().encode(row.key(row.schema().keySchema()));
        send(
                table,
                key,
                of.row().encode(row),
                Operation.UPSERT,
                Provenance.Kind.STREAM,
                RecordHeaders.unchangedColumns(row),
                offset);
    }

    public void delete(TargetTable table, RowSchema schema, Object... key) {
        deleteAgain(table, schema, changeOffset.getAndIncrement(), key);
    }

    public void deleteAgain(TargetTable table, RowSchema schema, long offset, Object... key) {
        byte[] wire = encoders(table, schema).key().encode(new Key(schema.keySchema(), key));
        send(table, wire, null, Operation.DELETE, Provenance.Kind.STREAM, List.of(), offset);
    }

    /** Sends what the transform makes of a marker in one change partition: one record in every row partition. */
    public void mark(TargetTable table, LoadMarker.Kind kind, String load, int changePartition) {
        markAgain(table, kind, load, true, changePartition, changeOffset.getAndIncrement());
    }

    /** Sends the markers of one kind of every change partition. */
    public void markAll(TargetTable table, LoadMarker.Kind kind, String load) {
        for (int i = 0; i < partitions; i++) {
            mark(table, kind, load, i);
        }
    }

    /** Sends the markers of one kind of every change partition, of a load that finds nothing from before. */
    void firstLoad(TargetTable table, LoadMarker.Kind kind, String load) {
        for (int i = 0; i < partitions; i++) {
            markAgain(table, kind, load, false, i, changeOffset.getAndIncrement());
        }
    }

    /** Sends the end of a load that is not read to its end, of every change partition. */
    public void giveUp(TargetTable table, String load) {
        firstLoad(table, LoadMarker.Kind.END, load);
    }

    /** @param offset of the marker in its change partition */
    @SuppressWarnings("FutureReturnValueIgnored")
    public void markAgain(
            TargetTable table, LoadMarker.Kind kind, String load, boolean sweep, int changePartition, long offset) {
        LoadMarker marker = new LoadMarker(
                kind,
                source(table),
                load,
                sweep,
                new Position(1, offset, 0),
                new LoadMarker.Passed(origin(table, changePartition, offset), partitions));
        for (int i = 0; i < partitions; i++) {
            ProducerRecord<byte[], byte[]> record = record(table, i, null, null);
            marker.write((name, header) -> record.headers().add(name, header));
            producer.send(record);
        }
    }

    /** Whatever fails shows when the transaction is committed. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(
            TargetTable table,
            byte[] key,
            byte[] value,
            Operation operation,
            Provenance.Kind kind,
            List<String> unchanged,
            long offset) {
        int partition = key == null ? 0 : Partitions.of(key, partitions);
        ProducerRecord<byte[], byte[]> record = record(table, partition, key, value);
        new RecordHeaders(
                        operation,
                        new Provenance(new Position(1, offset, 1), System.currentTimeMillis() * 1000, "t", kind),
                        origin(table, partition, offset),
                        unchanged)
                .write((name, header) -> record.headers().add(name, header));
        if (source != null) {
            record.headers().add(SourceHeader.NAME, SourceHeader.of(source));
        }
        producer.send(record);
        sent++;
    }

    private ProducerRecord<byte[], byte[]> record(TargetTable table, int partition, byte[] key, byte[] value) {
        String topic = strong ? names.rowsInOrder(service) : names.rows(service, table);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, key, value);
        if (strong) {
            record.headers().add(TargetHeader.NAME, TargetHeader.of(table));
        }
        return record;
    }

    private Origin origin(TargetTable table, int partition, long offset) {
        return new Origin(strong ? "changes" : "changes-of-" + source(table).table(), partition, offset, 0);
    }

    private Encoders encoders(TargetTable table, RowSchema schema) {
        return encoders.computeIfAbsent(schema, of -> encoders(schemas, names, service, table, of, strong));
    }

    private static Encoders encoders(
            SchemaStore schemas, Names names, String service, TargetTable table, RowSchema of, boolean strong) {
        String namespace = AvroNames.namespace("sluice", service);
        Schema key = RowSchemas.keyRecord(of.keySchema(), namespace);
        Schema value = RowSchemas.record(of, namespace);
        String topic = strong ? names.rowsInOrder(service) : names.rows(service, table);
        int keyId =
                schemas.register(strong ? Names.recordSubject(topic, key.getFullName()) : Names.keySubject(topic), key);
        int valueId = schemas.register(
                strong ? Names.recordSubject(topic, value.getFullName()) : Names.valueSubject(topic), value);
        return new Encoders(new KeyEncoder(of.keySchema(), namespace, keyId), new RowEncoder(of, namespace, valueId));
    }

    /** Gives a store in another process the ids that this producer's has, if it is asked for tables in the same order. */
    static void register(SinkRig rig, TargetTable table, RowSchema rows) {
        Names names = new Names(rig.pipeline.name());
        encoders(rig.schemas, names, rig.service.name(), table, rows, rig.service.isStrong());
    }

    @Override
    public void close() {
        producer.close();
    }
}

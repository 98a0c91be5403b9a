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
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Stands in for the transform: writes row records as it does, in Kafka transactions. Belongs to one thread. */
public final class RowProducer implements AutoCloseable {

    private final KafkaProducer<byte[], byte[]> producer;
    private final Names names;
    private final String service;
    private final SchemaStore schemas;
    private final int partitions;
    private final Map<RowSchema, Encoders> encoders = new HashMap<>();
    private final AtomicLong changeOffset = new AtomicLong();

    private record Encoders(KeyEncoder key, RowEncoder row) {}

    public RowProducer(
            KafkaConnection kafka, String pipeline, String service, SchemaStore schemas, int partitions, String id) {
        Map<String, Object> properties = new HashMap<>(kafka.producer());
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, pipeline + "-" + id);
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        this.names = new Names(pipeline);
        this.service = service;
        this.schemas = schemas;
        this.partitions = partitions;
        producer.initTransactions();
    }

    /** Sends in one Kafka transaction. */
    public void inTransaction(Runnable work) {
        producer.beginTransaction();
        work.run();
        producer.commitTransaction();
    }

    public void upsert(TargetTable table, Row row) {
        upsertAgain(table, row, changeOffset.getAndIncrement());
    }

    /** @param offset of the change that it was made from */
    public void upsertAgain(TargetTable table, Row row, long offset) {
        Encoders of = encoders(table, row.schema());
        byte[] key = of.key().encode(row.key(row.schema().keySchema()));
        send(table, key, of.row().encode(row), Operation.UPSERT, RecordHeaders.unchangedColumns(row), offset);
    }

    public void delete(TargetTable table, RowSchema schema, Object... key) {
        deleteAgain(table, schema, changeOffset.getAndIncrement(), key);
    }

    public void deleteAgain(TargetTable table, RowSchema schema, long offset, Object... key) {
        byte[] wire = encoders(table, schema).key().encode(new Key(schema.keySchema(), key));
        send(table, wire, null, Operation.DELETE, List.of(), offset);
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

    /** Sends the end of a load that is not read to its end, of every change partition. */
    public void giveUp(TargetTable table, String load) {
        for (int i = 0; i < partitions; i++) {
            markAgain(table, LoadMarker.Kind.END, load, false, i, changeOffset.getAndIncrement());
        }
    }

    /** @param offset of the marker in its change partition */
    @SuppressWarnings("FutureReturnValueIgnored")
    public void markAgain(
            TargetTable table, LoadMarker.Kind kind, String load, boolean sweep, int changePartition, long offset) {
        LoadMarker marker = new LoadMarker(
                kind,
                new TableId("monolith", "public", table.table()),
                load,
                sweep,
                new Position(1, offset, 0),
                new LoadMarker.Passed(
                        new Origin("changes-of-" + table.table(), changePartition, offset, 0), partitions));
        for (int i = 0; i < partitions; i++) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(names.rows(service, table), i, null, null);
            marker.write((name, header) -> record.headers().add(name, header));
            producer.send(record);
        }
    }

    /** Whatever fails shows when the transaction is committed. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(
            TargetTable table, byte[] key, byte[] value, Operation operation, List<String> unchanged, long offset) {
        int partition = Partitions.of(key, partitions);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(names.rows(service, table), partition, key, value);
        long micros = System.currentTimeMillis() * 1000;
        Origin origin = new Origin("changes-of-" + table.table(), partition, offset, 0);
        new RecordHeaders(
                        operation,
                        new Provenance(new Position(1, offset, 1), micros, "t", Provenance.Kind.STREAM),
                        origin,
                        unchanged)
                .write((name, header) -> record.headers().add(name, header));
        producer.send(record);
    }

    private Encoders encoders(TargetTable table, RowSchema schema) {
        return encoders.computeIfAbsent(schema, of -> encoders(schemas, names, service, table, of));
    }

    private static Encoders encoders(
            SchemaStore schemas, Names names, String service, TargetTable table, RowSchema of) {
        String namespace = AvroNames.namespace("sluice", service);
        String topic = names.rows(service, table);
        int key = schemas.register(Names.keySubject(topic), RowSchemas.keyRecord(of.keySchema(), namespace));
        int value = schemas.register(Names.valueSubject(topic), RowSchemas.record(of, namespace));
        return new Encoders(new KeyEncoder(of.keySchema(), namespace, key), new RowEncoder(of, namespace, value));
    }

    /** Gives a store in another process the ids that this producer's has, if it is asked for tables in the same order. */
    static void register(SchemaStore schemas, String pipeline, String service, TargetTable table, RowSchema rows) {
        encoders(schemas, new Names(pipeline), service, table, rows);
    }

    @Override
    public void close() {
        producer.close();
    }
}

package io.sluice.source.publish;

import io.sluice.schemas.codec.ChangeEncoder;
import io.sluice.schemas.codec.ChangeSchemas;
import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.topic.Names;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Where one service reads the changes of one table.
 *
 * @param service who reads there
 * @param inOrder whether it is one topic of one partition for all tables of the service, in the order of the log
 */
public record ChangeTopic(String service, String topic, int partitions, boolean inOrder) {

    public ChangeTopic {
        if (inOrder && partitions != 1) {
            throw new IllegalArgumentException("only one partition has an order");
        }
    }

    /** The marker, once for each partition. */
    public List<ProducerRecord<byte @Nullable [], byte @Nullable []>> markers(LoadMarker marker) {
        List<ProducerRecord<byte @Nullable [], byte @Nullable []>> records = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            ProducerRecord<byte @Nullable [], byte @Nullable []> record =
                    new ProducerRecord<>(topic, partition, null, null);
            marker.write(record.headers()::add);
            records.add(record);
        }
        return records;
    }

    /** The ids under which this topic's schemas of a table are registered. */
    record Ids(int key, int value) {}

    Ids register(SchemaStore schemas, TableId table, RowSchema row, boolean wholeBefore) {
        Schema key = ChangeSchemas.key(table, row);
        Schema value = ChangeSchemas.value(table, row, wholeBefore);
        if (inOrder) {
            // Keys of two tables differ in the id of their schema, which names the table.
            return new Ids(
                    schemas.register(Names.recordSubject(topic, key.getFullName()), key),
                    schemas.register(Names.recordSubject(topic, value.getFullName()), value));
        }
        return new Ids(
                schemas.register(Names.keySubject(topic), key), schemas.register(Names.valueSubject(topic), value));
    }

    /** The encoders for one pair of ids. */
    record Encoders(Ids ids, KeyEncoder key, ChangeEncoder value) {

        static Encoders of(Ids ids, TableId table, RowSchema row) {
            return new Encoders(
                    ids,
                    new KeyEncoder(row.keySchema(), ChangeSchemas.namespace(table), ids.key()),
                    new ChangeEncoder(table, row, ids.value()));
        }
    }
}

package io.sluice.source.publish;

import io.sluice.schemas.codec.Operation;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.topic.Partitions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * Changes of one table as records for every service that reads it. Compiled once per schema; belongs to one thread.
 *
 * <p>Registries usually give one schema one id, whatever the subject: then each change is encoded once for all services.
 */
public final class ChangeRecords {

    private final List<ChangeTopic> topics;
    private final List<ChangeTopic.Encoders> encoders;

    private ChangeRecords(List<ChangeTopic> topics, List<ChangeTopic.Encoders> encoders) {
        this.topics = topics;
        this.encoders = encoders;
    }

    /**
     * Registers the schemas, where they are new.
     *
     * @param wholeBefore whether the log says the whole row before of every update and delete
     */
    public static ChangeRecords of(
            SchemaStore schemas, TableId table, RowSchema row, boolean wholeBefore, List<ChangeTopic> topics) {
        List<ChangeTopic.Encoders> encoders = new ArrayList<>();
        for (ChangeTopic topic : topics) {
            ChangeTopic.Ids ids = topic.register(schemas, table, row, wholeBefore);
            encoders.add(encoders.stream()
                    .filter(made -> made.ids().equals(ids))
                    .findFirst()
                    .orElseGet(() -> ChangeTopic.Encoders.of(ids, table, row)));
        }
        return new ChangeRecords(List.copyOf(topics), List.copyOf(encoders));
    }

    /** Hands over one record for each service. */
    public void make(Change.Upserted change, Consumer<ProducerRecord<byte[], byte[]>> out) {
        make(
                change,
                change.key(),
                new RecordHeaders(
                        Operation.UPSERT, change.provenance(), null, RecordHeaders.unchangedColumns(change.after())),
                out);
    }

    /** Hands over one record for each service. */
    public void make(Change.Deleted change, Consumer<ProducerRecord<byte[], byte[]>> out) {
        make(change, change.key(), new RecordHeaders(Operation.DELETE, change.provenance(), null, List.of()), out);
    }

    private void make(
            Change change,
            io.sluice.schemas.model.Key id,
            RecordHeaders headers,
            Consumer<ProducerRecord<byte[], byte[]>> out) {
        byte[] key = null;
        byte[] value = null;
        ChangeTopic.Ids used = null;
        for (int i = 0; i < topics.size(); i++) {
            ChangeTopic.Encoders encoder = encoders.get(i);
            if (key == null || value == null || !encoder.ids().equals(used)) {
                key = encoder.key().encode(id);
                value = encoder.value().encode(change);
                used = encoder.ids();
            }
            ChangeTopic topic = topics.get(i);
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(topic.topic(), Partitions.of(key, topic.partitions()), key, value);
            Headers target = record.headers();
            headers.write(target::add);
            out.accept(record);
        }
    }
}

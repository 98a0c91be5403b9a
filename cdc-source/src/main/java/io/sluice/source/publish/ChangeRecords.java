package io.sluice.source.publish;

import io.sluice.platform.error.HaltException;
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
import org.jspecify.annotations.Nullable;

/**
 * Changes of one table as records for every service that reads it. Compiled once per schema; belongs to one thread.
 *
 * <p>Registries usually give one schema one id, whatever the subject: then each change is encoded once for all services.
 */
public final class ChangeRecords {

    private final List<ChangeTopic> topics;
    private final List<ChangeTopic.Encoders> encoders;
    private final int maxRecordBytes;

    private ChangeRecords(List<ChangeTopic> topics, List<ChangeTopic.Encoders> encoders, int maxRecordBytes) {
        this.topics = topics;
        this.encoders = encoders;
        this.maxRecordBytes = maxRecordBytes;
    }

    /**
     * Registers the schemas, where they are new.
     *
     * @param wholeBefore whether the log says the whole row before of every update and delete
     */
    public static ChangeRecords of(
            SchemaStore schemas,
            TableId table,
            RowSchema row,
            boolean wholeBefore,
            List<ChangeTopic> topics,
            int maxRecordBytes) {
        List<ChangeTopic.Encoders> encoders = new ArrayList<>();
        for (ChangeTopic topic : topics) {
            ChangeTopic.Ids ids = topic.register(schemas, table, row, wholeBefore);
            encoders.add(encoders.stream()
                    .filter(made -> made.ids().equals(ids))
                    .findFirst()
                    .orElseGet(() -> ChangeTopic.Encoders.of(ids, table, row)));
        }
        return new ChangeRecords(List.copyOf(topics), List.copyOf(encoders), maxRecordBytes);
    }

    /**
     * Hands over one record for each service.
     *
     * @throws HaltException if the change is larger than a record may be; nothing has been handed over then
     */
    public void make(Change.Upserted change, Consumer<ProducerRecord<byte[], byte[]>> out) {
        make(
                change,
                change.key(),
                new RecordHeaders(
                        Operation.UPSERT, change.provenance(), null, RecordHeaders.unchangedColumns(change.after())),
                out);
    }

    /** Hands over one record for each service, as the other does. */
    public void make(Change.Deleted change, Consumer<ProducerRecord<byte[], byte[]>> out) {
        make(change, change.key(), new RecordHeaders(Operation.DELETE, change.provenance(), null, List.of()), out);
    }

    /**
     * Hands over one record for each service, without a key.
     *
     * @throws IllegalStateException if one reads the table's keys side by side: there it would have no place
     */
    public void make(Change.Truncated change, Consumer<ProducerRecord<byte @Nullable [], byte @Nullable []>> out) {
        RecordHeaders headers = new RecordHeaders(Operation.TRUNCATE, change.provenance(), null, List.of());
        for (int i = 0; i < topics.size(); i++) {
            ChangeTopic topic = topics.get(i);
            if (!topic.inOrder()) {
                throw new IllegalStateException("a truncated table among single keys");
            }
            ProducerRecord<byte @Nullable [], byte @Nullable []> record = new ProducerRecord<>(
                    topic.topic(), 0, null, encoders.get(i).value().encode(change));
            headers.write(record.headers()::add);
            out.accept(record);
        }
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
                refuseOversized(change, key, value);
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

    /** Before the producer sees it: there it would spoil the whole transaction, not one table. */
    private void refuseOversized(Change change, byte[] key, byte[] value) {
        if (key.length + value.length > maxRecordBytes) {
            throw new HaltException(
                    "RECORD_TOO_LARGE",
                    "a change is larger than the pipeline allows a record to be (" + maxRecordBytes + " bytes)",
                    "table " + change.table(),
                    "Raise `max-record` in the pipeline file, and the brokers' and topics' limits where they are lower; then"
                            + " read the table again with `sluice backfill FILE --table " + change.table() + "`.");
        }
    }
}

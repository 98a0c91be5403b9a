package io.sluice.source.publish;

import io.sluice.schemas.codec.ChangeEncoder;
import io.sluice.schemas.codec.ChangeSchemas;
import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.topic.Names;

/**
 * Where one service reads the changes of one table.
 *
 * @param service who reads there
 */
public record ChangeTopic(String service, String topic, int partitions) {

    /** The ids under which this topic's schemas of a table are registered. */
    record Ids(int key, int value) {}

    Ids register(SchemaStore schemas, TableId table, RowSchema row, boolean wholeBefore) {
        return new Ids(
                schemas.register(Names.keySubject(topic), ChangeSchemas.key(table, row)),
                schemas.register(Names.valueSubject(topic), ChangeSchemas.value(table, row, wholeBefore)));
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

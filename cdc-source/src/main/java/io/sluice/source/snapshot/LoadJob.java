package io.sluice.source.snapshot;

import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.TableId;
import io.sluice.source.publish.ChangeTopic;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * A table that is to be read whole.
 *
 * @param complete takes the number of rows once all are sent, within the Kafka transaction of the last of them
 */
public record LoadJob(TableId id, PostgresTable table, List<ChangeTopic> topics, LongConsumer complete) {

    public LoadJob {
        topics = List.copyOf(topics);
    }
}

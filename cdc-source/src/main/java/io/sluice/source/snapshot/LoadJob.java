package io.sluice.source.snapshot;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.TableId;
import io.sluice.source.publish.ChangeTopic;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A table that is to be read whole.
 *
 * @param complete takes the number of rows once all are sent, within the Kafka transaction of the last of them
 * @param halted takes what stands in the way of reading it to its end; nothing more of it is sent then, and the others go on
 *     unless this throws
 */
public record LoadJob(
        TableId id,
        PostgresTable table,
        List<ChangeTopic> topics,
        LongConsumer complete,
        Consumer<HaltException> halted) {

    public LoadJob {
        topics = List.copyOf(topics);
    }
}

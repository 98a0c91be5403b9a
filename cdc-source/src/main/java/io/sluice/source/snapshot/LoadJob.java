package io.sluice.source.snapshot;

import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.TableLoad;
import io.sluice.source.publish.ChangeTopic;
import java.util.List;

/**
 * A table that is to be read whole.
 *
 * @param completed what is stored once it is, but for the number of rows
 */
public record LoadJob(TableId id, PostgresTable table, List<ChangeTopic> topics, TableLoad completed) {

    public LoadJob {
        topics = List.copyOf(topics);
    }

    TableLoad completedWith(long rows) {
        return new TableLoad(id, completed.oid(), completed.services(), completed.key(), rows, completed.filter());
    }
}

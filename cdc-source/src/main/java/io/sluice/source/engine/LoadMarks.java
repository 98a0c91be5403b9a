package io.sluice.source.engine;

import io.sluice.platform.kafka.TopicFacts;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.publish.ChangeTopic;
import io.sluice.source.publish.TransactionalPublisher;
import java.util.Map;

/**
 * Says in the change topics where a load begins and ends, in every partition: whoever writes the rows learns from it which rows
 * the load did not meet.
 */
final class LoadMarks {

    private final SourceTables tables;
    private final Map<String, TopicFacts> topics;
    private final TransactionalPublisher publisher;

    LoadMarks(SourceTables tables, Map<String, TopicFacts> topics, TransactionalPublisher publisher) {
        this.tables = tables;
        this.topics = topics;
        this.publisher = publisher;
    }

    void begin(TableId table, Loading loading, Position position) {
        mark(LoadMarker.Kind.BEGIN, table, loading, loading.sweep(), position);
    }

    void end(TableId table, Loading loading, Position position) {
        mark(LoadMarker.Kind.END, table, loading, loading.sweep(), position);
    }

    /** The load is given up, so nothing may be concluded from what it did not meet. */
    void abandon(TableId table, Loading loading, Position position) {
        mark(LoadMarker.Kind.END, table, loading, false, position);
    }

    private void mark(LoadMarker.Kind kind, TableId table, Loading loading, boolean sweep, Position position) {
        LoadMarker marker = new LoadMarker(kind, table, loading.id(), sweep, position, null);
        for (ChangeTopic topic : tables.changeTopics(table, topics)) {
            if (loading.services().contains(topic.service())) {
                topic.markers(marker).forEach(publisher::send);
            }
        }
    }
}

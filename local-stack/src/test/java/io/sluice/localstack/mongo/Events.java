package io.sluice.localstack.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.ChangeStreamIterable;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import com.mongodb.client.model.changestream.OperationType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.Document;

/** An open change stream of a test; fails rather than waits for an event that does not come. */
final class Events implements AutoCloseable {

    private final MongoChangeStreamCursor<ChangeStreamDocument<Document>> cursor;

    private Events(MongoChangeStreamCursor<ChangeStreamDocument<Document>> cursor) {
        this.cursor = cursor;
    }

    static Events open(ChangeStreamIterable<Document> stream) {
        return new Events(stream.maxAwaitTime(50, TimeUnit.MILLISECONDS).cursor());
    }

    ChangeStreamDocument<Document> next() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        ChangeStreamDocument<Document> event = cursor.tryNext();
        while (event == null) {
            assertThat(System.nanoTime()).as("time to wait for an event").isLessThan(deadline);
            event = cursor.tryNext();
        }
        return event;
    }

    List<ChangeStreamDocument<Document>> next(int count) {
        List<ChangeStreamDocument<Document>> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(next());
        }
        return events;
    }

    List<OperationType> nextTypes(int count) {
        return next(count).stream().map(ChangeStreamDocument::getOperationType).toList();
    }

    /** Events already there, without waiting for more. */
    ChangeStreamDocument<Document> now() {
        return cursor.tryNext();
    }

    BsonDocument position() {
        return cursor.getResumeToken();
    }

    @Override
    public void close() {
        cursor.close();
    }
}

package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.backend.aggregation.Aggregation;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.NoopOplog;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns changes into the events one stream asked for. */
final class EventRenderer {

    private final StreamRequest request;
    private final WatchedBackend backend;
    private final Aggregation stages;

    EventRenderer(StreamRequest request, WatchedBackend backend) {
        this.request = request;
        this.backend = backend;
        this.stages = Aggregation.fromPipeline(
                request.stages(), backend::resolveDatabase, backend.resolveDatabase("admin"), null, NoopOplog.get());
    }

    /** The event in one piece or, where it was asked for, in fragments; nothing if the stages leave it out. */
    List<Document> render(Change change) {
        return piped(event(change), change.time());
    }

    /** The event that a stream ends with. */
    List<Document> renderInvalidate(Change change) {
        return piped(frame(ResumeToken.invalidate(change.time()), "invalidate", change), change.time());
    }

    private List<Document> piped(Document event, long time) {
        Document token = Bson.required(event, "_id", Document.class);
        List<Document> events = stages.runStages(Stream.of(event));
        for (Document piped : events) {
            if (!token.equals(piped.get("_id"))) {
                throw new MongoServerError(
                        280,
                        "ChangeStreamFatalError",
                        "Encountered an event whose _id field, which contains the resume token, was modified by the pipeline.");
            }
        }
        if (events.isEmpty() || Bson.size(events.get(0)) <= Bson.MAX_BYTES) {
            return events;
        }
        return LargeEvents.split(events.get(0), time, request.splits());
    }

    private static Document frame(ResumeToken token, String operationType, Change change) {
        return new Document("_id", token.toDocument())
                .append("operationType", operationType)
                .append("clusterTime", new BsonTimestamp(change.time()))
                .append("wallTime", change.wallTime());
    }

    private Document event(Change change) {
        Document event = frame(ResumeToken.event(change.time()), change.kind().operationType, change);
        switch (change.kind()) {
            case INSERT, REPLACE -> event.append("fullDocument", change.after());
            case UPDATE -> {
                if (request.fullDocument() != StreamRequest.Images.NONE) {
                    event.append("fullDocument", after(change));
                }
            }
            case DELETE, DROP, RENAME, DROP_DATABASE -> {}
        }
        event.append("ns", change.namespace().toDocument());
        if (change.renamedTo() != null) {
            event.append("to", change.renamedTo().toDocument());
        }
        event.putIfNotNull("documentKey", change.key());
        event.putIfNotNull("updateDescription", change.update());
        switch (change.kind()) {
            case UPDATE, REPLACE, DELETE -> {
                if (request.beforeChange() != StreamRequest.Images.NONE) {
                    event.append(
                            "fullDocumentBeforeChange", image(request.beforeChange(), change.before(), "pre-image"));
                }
            }
            case INSERT, DROP, RENAME, DROP_DATABASE -> {}
        }
        return event;
    }

    private @Nullable Document after(Change change) {
        Document key = change.key();
        if (request.fullDocument() == StreamRequest.Images.LOOKUP && key != null) {
            return backend.find(change.namespace(), key);
        }
        return image(request.fullDocument(), change.after(), "post-image");
    }

    private static @Nullable Document image(StreamRequest.Images images, @Nullable Document image, String name) {
        if (image == null && images == StreamRequest.Images.REQUIRED) {
            throw new MongoServerError(
                    47,
                    "NoMatchingDocument",
                    "Change stream was configured to require a " + name
                            + " for all update, delete and replace events, but the " + name + " was not found.");
        }
        return image;
    }
}

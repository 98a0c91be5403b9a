package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks of a change stream: its scope, its start, what each event is to carry, and the stages that follow.
 *
 * @param database null for a stream of the whole deployment
 * @param collection null for a stream of a database or the deployment
 * @param start null to start now
 * @param startAfter whether the start may be the end of an invalidated stream
 */
record StreamRequest(
        @Nullable String database,
        @Nullable String collection,
        @Nullable ResumeToken start,
        boolean startAfter,
        Images fullDocument,
        Images beforeChange,
        List<Document> stages,
        boolean splits) {

    private static final String SPLIT = "$changeStreamSplitLargeEvent";
    private static final Set<String> STAGES =
            Set.of("$match", "$project", "$addFields", "$set", "$unset", "$replaceRoot", "$replaceWith", "$redact");
    private static final Set<String> OPTIONS = Set.of(
            "allChangesForCluster",
            "resumeAfter",
            "startAfter",
            "startAtOperationTime",
            "fullDocument",
            "fullDocumentBeforeChange",
            "showExpandedEvents");

    /** Which image of a document an event carries beside what belongs to it anyway. */
    enum Images {
        NONE,
        LOOKUP,
        WHEN_AVAILABLE,
        REQUIRED;

        private static Images parse(@Nullable Object value, String none, boolean lookup) {
            if (value == null || value.equals(none)) {
                return NONE;
            } else if (value.equals("updateLookup") && lookup) {
                return LOOKUP;
            } else if (value.equals("whenAvailable")) {
                return WHEN_AVAILABLE;
            } else if (value.equals("required")) {
                return REQUIRED;
            }
            throw new MongoServerError(2, "BadValue", "Not a value of a change stream's image option: " + value);
        }
    }

    static boolean isChangeStream(Document command) {
        return command.get("pipeline") instanceof List<?> pipeline
                && !pipeline.isEmpty()
                && pipeline.get(0) instanceof Document first
                && first.containsKey("$changeStream");
    }

    static StreamRequest parse(String database, Document command) {
        List<Document> pipeline = Bson.documents(command, "pipeline");
        Document options = Bson.required(pipeline.remove(0), "$changeStream", Document.class);
        options.keySet().stream().filter(option -> !OPTIONS.contains(option)).forEach(option -> {
            throw new MongoServerError(40415, "BSON field '$changeStream." + option + "' is an unknown field.");
        });
        if (Boolean.TRUE.equals(options.get("showExpandedEvents"))) {
            throw Refusals.notImplemented("showExpandedEvents");
        }
        boolean deployment = Boolean.TRUE.equals(options.get("allChangesForCluster"));
        String collection = command.get("aggregate") instanceof String name ? name : null;
        if (deployment ? !database.equals("admin") || collection != null : Namespace.isInternal(database)) {
            throw new MongoServerError(73, "InvalidNamespace", "$changeStream may not be opened on " + database);
        }
        boolean splits =
                !pipeline.isEmpty() && pipeline.get(pipeline.size() - 1).containsKey(SPLIT);
        if (splits) {
            pipeline.remove(pipeline.size() - 1);
        }
        return new StreamRequest(
                deployment ? null : database,
                collection,
                start(options),
                options.containsKey("startAfter"),
                Images.parse(options.get("fullDocument"), "default", true),
                Images.parse(options.get("fullDocumentBeforeChange"), "off", false),
                pipeline.stream().map(StreamRequest::known).toList(),
                splits);
    }

    private static @Nullable ResumeToken start(Document options) {
        long given = options.keySet().stream()
                .filter(Set.of("resumeAfter", "startAfter", "startAtOperationTime")::contains)
                .count();
        if (given > 1) {
            throw new MongoServerError(40674, "Only one type of resume option is allowed, but multiple were found.");
        }
        if (options.get("startAtOperationTime") instanceof BsonTimestamp time) {
            return ResumeToken.highWater(time.getValue());
        } else if (options.containsKey("startAfter")) {
            return ResumeToken.parse(options.get("startAfter"));
        } else if (options.containsKey("resumeAfter")) {
            ResumeToken token = ResumeToken.parse(options.get("resumeAfter"));
            if (token.kind() == ResumeToken.Kind.INVALIDATE) {
                throw new MongoServerError(
                        260,
                        "InvalidResumeToken",
                        "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification.");
            }
            return token;
        }
        return null;
    }

    /** The stage in the words the library knows. */
    private static Document known(Document stage) {
        String name = stage.keySet().iterator().next();
        if (!STAGES.contains(name)) {
            throw new MongoServerError(20, "IllegalOperation", name + " is not permitted in a $changeStream pipeline");
        }
        return switch (name) {
            case "$set" -> new Document("$addFields", stage.get(name));
            case "$replaceWith" -> new Document("$replaceRoot", new Document("newRoot", stage.get(name)));
            default -> stage;
        };
    }

    boolean covers(Change change) {
        Namespace to = change.renamedTo();
        return covers(change.namespace()) || (to != null && covers(to));
    }

    private boolean covers(Namespace namespace) {
        return (database == null || database.equals(namespace.database()))
                && (collection == null || collection.equals(namespace.collection()));
    }

    /** Whether the change ends what this stream watches. */
    boolean endsWith(Change change) {
        return switch (change.kind()) {
            case DROP, RENAME -> collection != null && covers(change);
            case DROP_DATABASE -> database != null && covers(change);
            case INSERT, UPDATE, REPLACE, DELETE -> false;
        };
    }
}

package io.sluice.source.mongo;

import io.sluice.platform.mongo.MongoDeployment;
import io.sluice.schemas.model.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * What is asked of the server: a stream over the database, or over all of them where there are several, that leaves out what is
 * not ours before it is sent. A stream over one collection would end with its first drop.
 */
final class StreamRequest {

    private final Map<String, List<String>> collections = new TreeMap<>();
    private final MongoDeployment deployment;

    StreamRequest(Collection<TableId> tables, MongoDeployment deployment) {
        for (TableId table : tables) {
            collections
                    .computeIfAbsent(table.schema(), database -> new ArrayList<>())
                    .add(table.table());
        }
        collections.values().forEach(names -> names.sort(null));
        this.deployment = deployment;
    }

    /** The collections by name: what a token of this stream belongs to. */
    static List<String> watched(Collection<TableId> tables) {
        return tables.stream()
                .map(table -> table.schema() + "." + table.table())
                .sorted()
                .toList();
    }

    /** The database in which the command is run. */
    String database() {
        return isOverOne() ? collections.keySet().iterator().next() : "admin";
    }

    private boolean isOverOne() {
        return collections.size() == 1;
    }

    BsonDocument command(MongoOffset start) {
        BsonDocument stream = new BsonDocument();
        if (!isOverOne()) {
            stream.append("allChangesForCluster", BsonBoolean.TRUE);
        }
        if (deployment.keepsImages()) {
            stream.append("fullDocument", new BsonString("whenAvailable"))
                    .append("fullDocumentBeforeChange", new BsonString("whenAvailable"));
        }
        BsonDocument token = start.token();
        if (token == null) {
            stream.append("startAtOperationTime", ClusterTime.timestamp(start.time()));
        } else {
            // Unlike resumeAfter this also goes on behind the end that a dropped database brings.
            stream.append("startAfter", token);
        }
        BsonArray pipeline = new BsonArray();
        pipeline.add(new BsonDocument("$changeStream", stream));
        pipeline.add(new BsonDocument("$match", ours()));
        // We never need to know what changed, only what is now.
        pipeline.add(new BsonDocument("$unset", new BsonString("updateDescription")));
        if (deployment.splitsLargeEvents()) {
            pipeline.add(new BsonDocument("$changeStreamSplitLargeEvent", new BsonDocument()));
        }
        return new BsonDocument("aggregate", new BsonInt32(1))
                .append("pipeline", pipeline)
                .append("cursor", new BsonDocument("batchSize", new BsonInt32(0)));
    }

    private BsonDocument ours() {
        BsonArray any = new BsonArray();
        collections.forEach((database, names) -> {
            any.add(new BsonDocument("ns.db", new BsonString(database)).append("ns.coll", in(names)));
            any.add(new BsonDocument("to.db", new BsonString(database)).append("to.coll", in(names)));
        });
        any.add(new BsonDocument("operationType", new BsonString("dropDatabase"))
                .append("ns.db", in(List.copyOf(collections.keySet()))));
        any.add(new BsonDocument("operationType", new BsonString("invalidate")));
        return new BsonDocument("$or", any);
    }

    private static BsonDocument in(List<String> names) {
        return new BsonDocument(
                "$in",
                new BsonArray(names.stream()
                        .map(BsonString::new)
                        .map(BsonValue.class::cast)
                        .toList()));
    }
}

package io.sluice.source.mongo;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this capture stands on. Where any of it is no longer so, going on could leave a silent gap.
 *
 * @param set the replica set's name, empty for a sharded cluster
 * @param identity what tells the deployment from every other; null where we may not read it
 * @param watched the collections that the stored token's stream is over
 * @param topicIds the change topics by name: a topic made again under an old name has another id
 */
record MongoFacts(
        int epoch, String set, @Nullable String identity, List<String> watched, Map<String, String> topicIds) {

    MongoFacts {
        watched = List.copyOf(watched);
        topicIds = Map.copyOf(topicIds);
    }
}

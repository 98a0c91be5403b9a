package io.sluice.source.mongo;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.mongo.MongoDeployment;
import java.util.Map;

/** Compares what is stored with what is there, before a stream goes on: any difference could be a silent gap. */
final class MongoGuard {

    private final MongoContext context;

    MongoGuard(MongoContext context) {
        this.context = context;
    }

    void checkTopics(MongoFacts facts, Map<String, TopicFacts> topics) {
        facts.topicIds().forEach((name, id) -> {
            TopicFacts now = topics.get(name);
            if (now != null && !now.id().toString().equals(id)) {
                throw new HaltException(
                        "TOPIC_CHANGED",
                        "the topic was deleted and made again, so the changes that were in it are gone",
                        "topic " + name,
                        newEpoch());
            }
        });
    }

    /** The offset, where there is one; there is none only if somebody removed it. */
    MongoOffset offset(MongoState stored) {
        MongoOffset offset = stored.offset();
        if (offset == null) {
            throw new HaltException(
                    "OFFSET_LOST",
                    "the state topic knows this source, but not up to where it was read",
                    "topic " + context.state().topic(),
                    newEpoch());
        }
        return offset;
    }

    void checkDeployment(MongoFacts facts, MongoDeployment now) {
        String identity = now.identity();
        boolean sameSet = facts.set().equals(setOf(now));
        boolean sameIdentity =
                facts.identity() == null || identity == null || facts.identity().equals(identity);
        if (!sameSet || !sameIdentity) {
            throw replaced();
        }
    }

    HaltException replaced() {
        return new HaltException(
                "SOURCE_REPLACED",
                "this is another replica set or cluster than the one that was captured so far",
                context.connector().address(),
                "Point the pipeline file back at it, or start a new epoch with " + context.newEpochCommand() + ".");
    }

    static String setOf(MongoDeployment deployment) {
        String set = deployment.set();
        return set == null ? "" : set;
    }

    private String newEpoch() {
        return "Start a new epoch with " + context.newEpochCommand() + ".";
    }
}

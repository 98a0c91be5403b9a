package io.sluice.source.mongo;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.mongo.MongoDeployment;
import io.sluice.source.capture.Continuity;
import java.util.Map;

/** Compares what is stored with what is there, before a stream goes on: any difference could be a silent gap. */
final class MongoGuard {

    private final MongoContext context;
    private final Continuity continuity;

    MongoGuard(MongoContext context) {
        this.context = context;
        this.continuity = new Continuity(context.source().name());
    }

    void checkTopics(Map<String, String> storedIds, Map<String, TopicFacts> topics) {
        continuity.checkTopics(storedIds, topics);
    }

    MongoOffset offset(MongoState stored) {
        return continuity.offset(stored.offset(), context.state().topic());
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

    /** Whether an identity that we may read says so, and not the set's name alone. */
    boolean isSurelyTheSame(MongoFacts facts, MongoDeployment now) {
        String identity = now.identity();
        return identity != null && identity.equals(facts.identity());
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
}

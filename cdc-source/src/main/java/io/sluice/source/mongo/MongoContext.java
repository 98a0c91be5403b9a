package io.sluice.source.mongo;

import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.mongo.MongoConnector;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.source.capture.Remedies;
import io.sluice.source.engine.ProgressBoard;
import io.sluice.source.engine.SourceTables;
import io.sluice.source.publish.KafkaSilence;
import io.sluice.source.request.RequestTopic;

/**
 * What stays the same over all sessions of one source.
 *
 * @param instance tells this process from every other that captures the same source
 * @param silence what Kafka owes us
 */
record MongoContext(
        Pipeline pipeline,
        SourceSpec source,
        KafkaConnection kafka,
        SchemaStore schemas,
        MongoConnector connector,
        SourceTables tables,
        MongoStateRecords state,
        ProgressBoard progress,
        String instance,
        KafkaSilence silence) {

    String transactionalId() {
        return new Names(pipeline.name()).sourceTransactionalId(source.name());
    }

    RequestTopic requests() {
        return new RequestTopic(new Names(pipeline.name()).sourceRequests());
    }

    /** {@code source shop}, for messages. */
    String place() {
        return "source " + source.name();
    }

    String newEpochCommand() {
        return Remedies.newEpoch(source.name());
    }
}

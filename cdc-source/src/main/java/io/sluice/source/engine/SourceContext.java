package io.sluice.source.engine;

import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.source.position.StateRecords;

/**
 * What stays the same over all sessions of one source.
 *
 * @param instance tells this process from every other that captures the same source
 */
record SourceContext(
        Pipeline pipeline,
        SourceSpec source,
        KafkaConnection kafka,
        SchemaStore schemas,
        PostgresConnector connector,
        SourceTables tables,
        StateRecords state,
        ProgressBoard progress,
        String instance) {

    String slotName() {
        return SourceNames.slot(pipeline.name(), source.name());
    }

    String transactionalId() {
        return new Names(pipeline.name()).sourceTransactionalId(source.name());
    }

    Publications publications() {
        return new Publications(source.name(), tables.publications());
    }

    ReplicationSlot slot() {
        return new ReplicationSlot(slotName(), source.name(), connector);
    }

    /** {@code source monolith}, for messages. */
    String place() {
        return "source " + source.name();
    }

    String newEpochCommand() {
        return "`sluice run FILE --new-epoch " + source.name() + "`";
    }
}

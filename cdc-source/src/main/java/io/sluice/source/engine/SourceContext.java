package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.source.capture.Remedies;
import io.sluice.source.position.StateRecords;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.KafkaSilence;
import io.sluice.source.request.RequestTopic;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What stays the same over all sessions of one source.
 *
 * @param instance tells this process from every other that captures the same source
 * @param silence what Kafka owes us
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
        String instance,
        KafkaSilence silence,
        Safeguards safeguards) {

    String slotName() {
        return SourceNames.slot(pipeline.name(), source.name());
    }

    String transactionalId() {
        String id = new Names(pipeline.name()).sourceTransactionalId(source.name());
        return safeguards.fence() ? id : id + "." + instance;
    }

    void reach(Safeguards.Point point) {
        safeguards.failpoints().reach(point);
    }

    Publications publications() {
        return new Publications(source.name(), tables.publications());
    }

    ReplicationSlot slot() {
        return new ReplicationSlot(slotName(), source.name(), connector);
    }

    RequestTopic requests() {
        return new RequestTopic(new Names(pipeline.name()).sourceRequests());
    }

    /** {@code source monolith}, for messages. */
    String place() {
        return "source " + source.name();
    }

    String newEpochCommand() {
        return Remedies.newEpoch(source.name());
    }

    static HaltException halt(TableId table, TableState.Halted halted) {
        return new HaltException(halted.code(), halted.problem(), "table " + table, halted.remedy());
    }

    static long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}

package io.sluice.source.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.FollowedTopic;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.platform.mongo.MongoConnector;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.source.capture.Capture;
import io.sluice.source.capture.CaptureLoop;
import io.sluice.source.capture.CaptureSession;
import io.sluice.source.engine.ProgressBoard;
import io.sluice.source.engine.SourceOutlook;
import io.sluice.source.engine.SourceProgress;
import io.sluice.source.engine.SourceTables;
import io.sluice.source.publish.KafkaSilence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Captures collections of one MongoDB deployment: reads them once, then follows their change stream, exactly once into Kafka.
 *
 * <p>Whatever fails is answered by a new session from what is stored; only what a person must decide halts it.
 */
public final class MongoSource implements Stage {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

    private final MongoContext context;
    private final CaptureLoop loop;

    /** Connects to nothing yet. */
    public MongoSource(
            Pipeline pipeline, SourceSpec source, KafkaConnection kafka, SchemaStore schemas, MeterRegistry meters) {
        SourceTables tables = new SourceTables(pipeline, source);
        this.context = new MongoContext(
                pipeline,
                source,
                kafka,
                schemas,
                MongoConnector.of(source.connection(), "sluice " + pipeline.name() + " source " + source.name()),
                tables,
                new MongoStateRecords(new Names(pipeline.name()).sourceState(source.name()), source.name()),
                new ProgressBoard(meters, pipeline.name(), source.name(), tables.all()),
                UUID.randomUUID().toString(),
                new KafkaSilence());
        this.loop = new CaptureLoop(
                new CaptureLoop.Settings(source.name(), kafka, context.instance(), context.silence(), true, STOP_LIMIT),
                new MongoCapture(context));
    }

    @Override
    public String name() {
        return context.place();
    }

    /**
     * What would keep this source from being captured, all at once; changes nothing.
     *
     * @throws EnvironmentException if the database can't be asked
     */
    public List<Finding> check() {
        context.tables().requireSupported();
        try {
            return List.copyOf(new MongoCheck(context).run());
        } catch (MongoException e) {
            throw context.connector().unreachable(e);
        }
    }

    /**
     * The same, and what a start would read; changes nothing.
     *
     * @param begun whether it was ever begun: only then is something stored of its collections
     */
    public Preflight look(boolean begun) {
        context.tables().requireSupported();
        try {
            return new MongoLook(context).run(begun ? readable() : Map.of());
        } catch (MongoException e) {
            throw context.connector().unreachable(e);
        }
    }

    /** What can't be read is the session's matter, which a new epoch may mend. */
    private Map<TableId, CollectionState> readable() {
        try {
            return MongoSession.stored(context).collections();
        } catch (HaltException e) {
            return Map.of();
        }
    }

    /**
     * Makes this process begin a new epoch: whatever is stored, every collection is read again, and rows that are gone are swept.
     * Before {@link #start}.
     */
    public void beginNewEpoch() {
        loop.beginNewEpoch();
    }

    /** Follows what is stored of it, whichever process runs it. The caller closes it. */
    public FollowedTopic follow() {
        return FollowedTopic.of(context.kafka(), context.state().topic());
    }

    /** How far it is according to what is stored. */
    public SourceProgress stored(FollowedTopic state) {
        List<Map.Entry<byte[], byte @Nullable []>> records = new ArrayList<>();
        state.read()
                .forEach((key, latest) ->
                        records.add(Map.entry(key.unsafeArray(), latest.value().unsafeArray())));
        return StoredCollections.progress(
                context.state().state(records), context.tables().all());
    }

    /**
     * What its deployment says now.
     *
     * @param stored how far the capture is
     */
    public SourceOutlook outlook(SourceProgress stored) {
        try (MongoClient client = context.connector().open()) {
            return OplogOutlook.read(client, stored.boundary());
        } catch (MongoException e) {
            throw context.connector().unreachable(e);
        }
    }

    /** How far it is, now. Boundaries are cluster times. */
    public SourceProgress progress() {
        return context.progress().snapshot();
    }

    @Override
    public void start() {
        context.tables().requireSupported();
        loop.start();
    }

    /** Has it read nothing until this is taken back. */
    public void rest(boolean wanted) {
        loop.rest(wanted);
    }

    @Override
    public StageStatus status() {
        return loop.status();
    }

    @Override
    public void close() {
        loop.close();
    }

    /** What the loop has to know of MongoDB. */
    private record MongoCapture(MongoContext context) implements Capture {

        @Override
        public CaptureSession session(boolean newEpoch, Runnable running) {
            return new MongoSession(context, newEpoch, running);
        }

        @Override
        public @Nullable String owner() {
            return MongoSession.stored(context).owner();
        }

        @Override
        public long boundary() {
            return context.progress().snapshot().boundary();
        }

        @Override
        public Optional<EnvironmentException> unreachable(Throwable failure) {
            return failure instanceof MongoException mongo
                    ? Optional.of(context.connector().unreachable(mongo))
                    : Optional.empty();
        }
    }
}

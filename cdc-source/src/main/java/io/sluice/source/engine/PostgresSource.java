package io.sluice.source.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.FollowedTopic;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.SessionSettings;
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
import io.sluice.source.position.StateReader;
import io.sluice.source.position.StateRecords;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.KafkaSilence;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Captures one PostgreSQL database: reads its tables once, then follows its log, exactly once into Kafka.
 *
 * <p>Whatever fails is answered by a new session from what is stored; only what a person must decide halts it.
 */
public final class PostgresSource implements Stage {

    private static final Duration STOP_LIMIT = Duration.ofMillis(1_200);

    private final SourceContext context;
    private final CaptureLoop loop;

    /** Connects to nothing yet. */
    public PostgresSource(
            Pipeline pipeline, SourceSpec source, KafkaConnection kafka, SchemaStore schemas, MeterRegistry meters) {
        this(pipeline, source, kafka, schemas, meters, Safeguards.ALL);
    }

    /** For tests, which take a safeguard away. */
    PostgresSource(
            Pipeline pipeline,
            SourceSpec source,
            KafkaConnection kafka,
            SchemaStore schemas,
            MeterRegistry meters,
            Safeguards safeguards) {
        SourceTables tables = new SourceTables(pipeline, source);
        this.context = new SourceContext(
                pipeline,
                source,
                kafka,
                schemas,
                PostgresConnector.of(source.connection(), "sluice " + pipeline.name() + " source " + source.name()),
                tables,
                new StateRecords(new Names(pipeline.name()).sourceState(source.name()), source.name()),
                new ProgressBoard(meters, pipeline.name(), source.name(), tables.all()),
                UUID.randomUUID().toString(),
                new KafkaSilence(),
                safeguards);
        this.loop = new CaptureLoop(
                new CaptureLoop.Settings(
                        source.name(), kafka, context.instance(), context.silence(), safeguards.fence(), STOP_LIMIT),
                new PostgresCapture(context));
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
        try {
            return List.copyOf(new SourceCheck(context).run());
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
    }

    /**
     * The same, and what a start would make and read; changes nothing.
     *
     * @param begun whether it was ever begun: only then is something stored of its tables
     */
    public Preflight look(boolean begun) {
        try {
            return new SourceLook(context).run(begun ? readable() : Map.of());
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
    }

    /** What can't be read is the session's matter, which a new epoch may mend. */
    private Map<TableId, TableState> readable() {
        try {
            return stored();
        } catch (HaltException e) {
            return Map.of();
        }
    }

    /**
     * Creates the publications of a source that was never started; idempotent. Those of a running one are the stage's own
     * matter: what one of them lacks may be a gap.
     */
    public void prepare() {
        try (Connection connection = context.connector().open()) {
            SessionSettings.apply(connection);
            if (context.slot().read(connection).isEmpty()) {
                context.publications().create(connection);
            }
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
    }

    /**
     * Writes a mark into the log, as our user may, so that the slot passes all that is in it by now.
     *
     * @return where the log stood: once the slot has passed that, everything that is committed by now is published
     */
    public long mark() {
        try (Connection connection = context.connector().open()) {
            SessionSettings.apply(connection);
            long position = Sql.logEnd(connection);
            new LogMark(context).emit(connection);
            return position;
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
    }

    /** The replication slot's name: what others look up to see how far it is. */
    public String slot() {
        return context.slotName();
    }

    /** What is stored of its tables, whichever process runs it: for whoever looks from outside. */
    public Map<TableId, TableState> stored() {
        return new StateReader(context.kafka(), context.state()).read().tables();
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
        return StoredProgress.of(
                context.state().state(records), context.tables().all());
    }

    /** What its server says of it now. */
    public SourceOutlook outlook() {
        try (Connection connection = context.connector().open()) {
            SessionSettings.apply(connection);
            return SlotOutlook.read(connection, context.slotName());
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
    }

    /** How far it is, now. */
    public SourceProgress progress() {
        return context.progress().snapshot();
    }

    /**
     * Makes this process begin a new epoch: whatever is stored, every table is read again, and rows that are gone are swept.
     * Before {@link #start}.
     */
    public void beginNewEpoch() {
        loop.beginNewEpoch();
    }

    @Override
    public void start() {
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

    /** What the loop has to know of PostgreSQL. */
    private record PostgresCapture(SourceContext context) implements Capture {

        @Override
        public CaptureSession session(boolean newEpoch, Runnable running) {
            return new SourceSession(context, newEpoch, running);
        }

        @Override
        public @Nullable String owner() {
            return new StateReader(context.kafka(), context.state()).read().owner();
        }

        @Override
        public long boundary() {
            return context.progress().snapshot().boundary();
        }

        @Override
        public Optional<EnvironmentException> unreachable(Throwable failure) {
            return failure instanceof SQLException sql
                    ? Optional.of(context.connector().unreachable(sql))
                    : Optional.empty();
        }
    }
}

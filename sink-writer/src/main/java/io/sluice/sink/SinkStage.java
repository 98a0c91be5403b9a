package io.sluice.sink;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageLife;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.consume.Bounds;
import io.sluice.sink.consume.Rest;
import io.sluice.sink.consume.SinkMeter;
import io.sluice.sink.consume.SinkThread;
import io.sluice.sink.parking.ParkingSpec;
import io.sluice.sink.sql.OriginMark;
import io.sluice.sink.sql.TableExtras;
import io.sluice.sink.sweep.SweepPolicy;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Keeps one service's tables equal to its row topics. Several of them, in any processes, share the service's partitions. */
public final class SinkStage implements Stage {

    private final String name;
    private final Function<TargetTable, String> rowTopic;
    private final KafkaConnection kafka;
    private final TargetPreparation preparation;
    private final StageLife life = new StageLife();
    private final SinkMeter meter;
    private final SinkThread thread;

    public SinkStage(
            Pipeline pipeline,
            ServiceSpec service,
            KafkaConnection kafka,
            SchemaStore schemas,
            MeterRegistry meters,
            Clock clock,
            SinkSettings settings) {
        this(
                pipeline,
                service,
                kafka,
                schemas,
                meters,
                clock,
                settings,
                service.isStrong() ? Bounds.KEPT : Bounds.NONE);
    }

    /** @param bounds what a service's consistency asks for, or less where a test is to notice */
    SinkStage(
            Pipeline pipeline,
            ServiceSpec service,
            KafkaConnection kafka,
            SchemaStore schemas,
            MeterRegistry meters,
            Clock clock,
            SinkSettings settings,
            Bounds bounds) {
        Names names = new Names(pipeline.name());
        List<TargetTable> tables =
                service.tables().stream().map(TableSpec::target).toList();
        PostgresConnector target = PostgresConnector.of(
                service.target().connection(), "sluice-sink-" + pipeline.name() + "-" + service.name());
        this.name = "sink " + service.name();
        this.rowTopic = table -> names.rows(service.name(), table);
        this.kafka = kafka;
        this.preparation = new TargetPreparation(pipeline, service);
        this.meter = new SinkMeter(meters, clock, pipeline.name(), service);
        this.thread = new SinkThread(
                new SinkThread.Work(
                        pipeline.name(),
                        service.name(),
                        names.sinkGroup(service.name()),
                        new TopicLayout(pipeline).rows(service),
                        service.isStrong()
                                ? Map.of()
                                : tables.stream()
                                        .collect(Collectors.toMap(
                                                table -> names.rows(service.name(), table), table -> table)),
                        tables,
                        SweepPolicy.swept(service.tables()),
                        unswept(service),
                        several(service, names),
                        service.tables().stream().collect(Collectors.toMap(TableSpec::target, WriteRules::of)),
                        service.tables().stream()
                                .filter(table -> table.onDrift() == DriftPolicy.ADD)
                                .map(TableSpec::target)
                                .collect(Collectors.toSet()),
                        bounds,
                        service.reads().stream().map(TableId::toString).collect(Collectors.toSet()),
                        parking(pipeline, service, names),
                        service.deadLetters(),
                        names.deadLetters(service.name()),
                        kafka,
                        target,
                        service.target().markOrigin()
                                ? Optional.of(new OriginMark(pipeline.name(), service.name()))
                                : Optional.empty(),
                        schemas,
                        settings),
                life,
                meter);
    }

    private static Map<TargetTable, String> unswept(ServiceSpec service) {
        Map<TargetTable, String> unswept = new HashMap<>();
        for (TableSpec table : service.tables()) {
            SweepPolicy.whyNot(table).ifPresent(why -> unswept.put(table.target(), why));
        }
        return unswept;
    }

    private static Map<TargetTable, Map<String, TableId>> several(ServiceSpec service, Names names) {
        return service.tables().stream()
                .filter(TableSpec::hasSeveralSources)
                .collect(Collectors.toMap(
                        TableSpec::target,
                        table -> service.isStrong()
                                ? Map.of()
                                : table.from().stream()
                                        .collect(Collectors.toMap(
                                                source -> names.changes(service.name(), source), source -> source))));
    }

    /** A service that is to miss nothing halts at a row that its target refuses. */
    private static Optional<ParkingSpec> parking(Pipeline pipeline, ServiceSpec service, Names names) {
        return service.isStrong()
                ? Optional.empty()
                : Optional.of(new ParkingSpec(
                        service.deadLetters(),
                        names.deadLetters(service.name()),
                        names.transformRequests(service.name()),
                        service.consistency() == Consistency.BEST_EFFORT,
                        new TopicLayout(pipeline)
                                .changes(service).stream().map(TopicSpec::name).toList(),
                        names.transformApplication(service.name())));
    }

    /** With every default. */
    public SinkStage(
            Pipeline pipeline, ServiceSpec service, KafkaConnection kafka, SchemaStore schemas, MeterRegistry meters) {
        this(pipeline, service, kafka, schemas, meters, Clock.systemUTC(), SinkSettings.DEFAULT);
    }

    /**
     * What is wrong with the target, for rows like these; changes nothing.
     *
     * @param rows the columns of each target table's rows, as the mapping makes them
     */
    public List<Finding> check(Map<TargetTable, RowSchema> rows) {
        return preparation.check(rows);
    }

    /** Makes the ledger and the tables that are missing; says what is left to do by hand. */
    public List<Finding> prepare(Map<TargetTable, RowSchema> rows) {
        return prepare(rows, Map.of());
    }

    /**
     * The same.
     *
     * @param extras what tables that are made here get besides their columns and keys
     */
    public List<Finding> prepare(Map<TargetTable, RowSchema> rows, Map<TargetTable, TableExtras> extras) {
        return preparation.prepare(rows, extras, this::clusterId);
    }

    /** What {@link #prepare} would find and make; changes nothing. */
    public Preflight look(Map<TargetTable, RowSchema> rows, Map<TargetTable, TableExtras> extras) {
        return preparation.look(rows, extras, this::clusterId);
    }

    private String clusterId() {
        try (TopicAdmin admin = TopicAdmin.open(kafka)) {
            return admin.clusterId();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void start() {
        life.become(StageState.STARTING);
        thread.start();
    }

    /**
     * Has it write nothing, or nothing of these tables, until this is taken back. Its partitions stay its own, and what waits for
     * them stays in Kafka. Tables of a strong service rest together only.
     */
    public void rest(boolean all, Set<TargetTable> tables) {
        thread.rest(new Rest(all, tables.stream().map(rowTopic).collect(Collectors.toSet())));
    }

    @Override
    public StageStatus status() {
        return life.status();
    }

    @Override
    public Optional<String> remark() {
        return meter.progress().loading() > 0
                ? Optional.of("its tables are being loaded: until that is over its transactions are not whole")
                : Optional.empty();
    }

    public SinkProgress progress() {
        return meter.progress();
    }

    @Override
    public synchronized void close() {
        if (life.tryBecome(StageState.STOPPED, null) || !life.tryBecome(StageState.STOPPING, null)) {
            meter.close();
            return;
        }
        try {
            thread.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            meter.close();
            life.become(StageState.STOPPED);
        }
    }
}

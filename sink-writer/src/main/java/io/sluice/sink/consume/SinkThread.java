package io.sluice.sink.consume;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.platform.lifecycle.StageLife;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.sink.SinkSettings;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.ledger.LoadLedger;
import io.sluice.sink.parking.ParkingSpec;
import io.sluice.sink.sql.Holders;
import io.sluice.sink.sql.KeySpaces;
import io.sluice.sink.sql.OriginMark;
import io.sluice.sink.sql.TableWriter;
import io.sluice.sink.sweep.SweepPolicy.Swept;
import io.sluice.sink.sweep.Sweeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of one sink, with the resources that it opens and, however it ends, closes. */
public final class SinkThread {

    private static final Logger LOG = LoggerFactory.getLogger(SinkThread.class);
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final Work work;
    private final StageLife life;
    private final SinkMeter meter;
    private final TargetSession session;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile Rest rest = Rest.NONE;
    private volatile @Nullable Consumer<byte[], byte[]> consumer;

    /**
     * What the thread works on.
     *
     * @param tables by the name of their row topic
     * @param swept tables that are swept after a load of their source
     * @param several of tables that have several sources, each of these by its change topic, where it has one of its own
     * @param unswept the others, and why
     * @param rules what each table's changes may do
     * @param followed tables that are altered where their rows' shape asks for it
     * @param bounds what bounds of transactions are worth
     * @param reads the source tables, as {@link TableId} writes them
     * @param mark what all that it writes is marked with
     * @param parking how it goes on past refused rows; empty where it skips nothing
     * @param limits of what may be set aside where it skips nothing
     * @param deadLetters the topic of the service's letters
     */
    public record Work(
            String pipeline,
            String service,
            String group,
            List<TopicSpec> topics,
            Map<String, TargetTable> tables,
            List<TargetTable> parentsFirst,
            Map<TargetTable, Swept> swept,
            Map<TargetTable, String> unswept,
            Map<TargetTable, Map<String, TableId>> several,
            Map<TargetTable, WriteRules> rules,
            Set<TargetTable> followed,
            Bounds bounds,
            Set<String> reads,
            Optional<ParkingSpec> parking,
            DeadLettersSpec limits,
            String deadLetters,
            KafkaConnection kafka,
            PostgresConnector target,
            Optional<OriginMark> mark,
            SchemaStore schemas,
            SinkSettings settings) {

        /** Belongs to one thread. */
        TableWriter writer() {
            return new TableWriter(rules, new KeySpaces(pipeline, service), new Holders(pipeline, service));
        }

        /** What is known of the loads of a table. */
        LoadLedger.Topic topic(TargetTable table, String topicId, int partitions) {
            Set<String> sources = several.containsKey(table) && swept.containsKey(table)
                    ? swept.get(table).sources().stream().map(TableId::toString).collect(Collectors.toSet())
                    : Set.of();
            return new LoadLedger.Topic(table, topicId, partitions, sources);
        }

        int partitionsOf(String topic) {
            return topics.stream()
                    .filter(spec -> spec.name().equals(topic))
                    .mapToInt(TopicSpec::partitions)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no topic of ours is called " + topic));
        }
    }

    public SinkThread(Work work, StageLife life, SinkMeter meter) {
        this.work = work;
        this.life = life;
        this.meter = meter;
        this.session =
                new TargetSession(work.target(), work.settings(), work.mark().orElse(null));
        this.thread = new Thread(this::run, "sink-" + work.service());
    }

    public void start() {
        thread.start();
    }

    /** What is to be left alone from the next batch on. */
    public void rest(Rest wanted) {
        rest = wanted;
    }

    private void run() {
        try (TopicAdmin admin = TopicAdmin.open(work.kafka());
                Consumer<byte[], byte[]> opened = open()) {
            consumer = opened;
            worker(admin, opened)
                    .run(work.topics().stream().map(TopicSpec::name).collect(Collectors.toSet()));
        } catch (WakeupException | InterruptException e) {
            if (!stopping) {
                halt(unexpected(e));
            }
        } catch (SluiceException e) {
            if (!stopping || e instanceof HaltException) {
                halt(e);
            }
        } catch (KafkaException e) {
            halt(new HaltException(
                    "KAFKA_REFUSES",
                    "Kafka does not do what we ask: " + e.getMessage(),
                    work.kafka().toString(),
                    "Check the rights of our Kafka user and the health of the brokers, then start again.",
                    e));
        } catch (RuntimeException e) {
            halt(unexpected(e));
        } finally {
            consumer = null;
            session.close();
        }
    }

    private static HaltException unexpected(RuntimeException e) {
        LOG.error("a mistake in the sink", e);
        return new HaltException(
                "INTERNAL",
                "a mistake in the sink: " + e.getClass().getSimpleName(),
                null,
                "Report it with the log. Nothing was skipped; a restart goes on where this one ended.",
                e);
    }

    private void halt(SluiceException cause) {
        if (life.tryBecome(StageState.HALTED, cause)) {
            LOG.error("Sink {} halts: {}", work.service(), cause.getMessage());
        }
    }

    private RecordReader reader() {
        return new RecordReader(work.tables(), work.parentsFirst(), work.several(), work.schemas());
    }

    private SinkWorker worker(TopicAdmin admin, Consumer<byte[], byte[]> opened) {
        RecordReader reader = reader();
        TableWriter writer = work.writer();
        PartitionTaker taker = new PartitionTaker(admin, work.topics(), work.pipeline(), work.service());
        return new SinkWorker(
                work.settings(),
                life,
                opened,
                taker,
                new BatchApplier(reader, writer, work, meter),
                work.bounds() == Bounds.NONE ? null : new OrderedApplier(reader(), work, meter),
                work.bounds() == Bounds.NONE ? null : new Asides(work, taker, session, meter),
                work.bounds(),
                work.parking()
                        .map(spec -> new RowParking(
                                spec,
                                work,
                                reader,
                                writer,
                                taker,
                                new ServiceReach(admin, spec, work.topics(), taker, session),
                                meter))
                        .orElse(null),
                new Sweeper(
                        work.pipeline(),
                        work.service(),
                        work.parentsFirst(),
                        work.swept(),
                        work.settings().sweepRows()),
                session,
                work.target(),
                meter,
                () -> stopping,
                () -> rest);
    }

    /**
     * Eager range assignment on purpose: partition i of every table goes to one sink, so that rows which refer to each other
     * more often meet in one batch; and each rebalance takes every claim anew, so that none outlives the group's decision.
     */
    private Consumer<byte[], byte[]> open() {
        Map<String, Object> properties = new HashMap<>(work.kafka().consumer());
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, work.group());
        properties.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, new ArrayList<>(List.of(RangeAssignor.class)));
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, work.settings().batchRecords());
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int)
                work.settings().session().toMillis());
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int)
                work.settings().session().dividedBy(3).toMillis());
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Lets a batch that is on its way end, for a moment; then breaks it off, which rolls it back. */
    public void stop() throws InterruptedException {
        stopping = true;
        Consumer<byte[], byte[]> polling = consumer;
        if (polling != null) {
            polling.wakeup();
        }
        thread.join(PATIENCE.toMillis());
        if (thread.isAlive()) {
            session.abort();
            thread.interrupt();
            thread.join(PATIENCE.toMillis());
        }
    }
}

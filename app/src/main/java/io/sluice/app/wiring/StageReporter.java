package io.sluice.app.wiring;

import io.sluice.platform.error.SluiceException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import io.sluice.platform.progress.ReportRecords;
import io.sluice.platform.progress.StageReport;
import io.sluice.sink.SinkStage;
import io.sluice.source.engine.SourceProgress;
import io.sluice.transform.topology.TransformProgress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells others, through Kafka, how the stages of this process are: every few seconds, and at once when a state changes. Nothing
 * depends on it; what Kafka does not take is said anew the next time.
 */
final class StageReporter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StageReporter.class);

    private static final Duration GLANCE = Duration.ofMillis(250);
    private static final long EVERY_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int PATIENCE_MILLIS = 2_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final PipelineRun run;
    private final KafkaConnection kafka;
    private final ReportRecords records;
    private final String process = UUID.randomUUID().toString();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private final Map<String, Long> counted = new HashMap<>();
    private long countedNanos = System.nanoTime();
    private Map<String, Double> rates = Map.of();

    StageReporter(PipelineRun run, KafkaConnection kafka, String topic) {
        this.run = run;
        this.kafka = kafka;
        this.records = new ReportRecords(topic);
        this.thread = new Thread(this::report, "stage-reports");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private KafkaProducer<byte[], byte @Nullable []> open() {
        Map<String, Object> properties = new HashMap<>(kafka.producer());
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * PATIENCE_MILLIS);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void report() {
        KafkaProducer<byte[], byte @Nullable []> producer = open();
        try {
            Map<String, StageState> told = new HashMap<>();
            long lastNanos = System.nanoTime() - EVERY_NANOS;
            do {
                Map<String, StageState> now = states();
                if (System.nanoTime() - lastNanos >= EVERY_NANOS || !now.equals(told)) {
                    lastNanos = System.nanoTime();
                    measure();
                    run.stages().forEach(stage -> send(producer, records.report(reportOf(stage))));
                    told = now;
                }
            } while (!closing.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS));
            // A halt stays told, also one that nobody has told yet: it may be what ends the process.
            run.stages()
                    .forEach(stage -> send(
                            producer,
                            stage.status().state() == StageState.HALTED
                                    ? records.report(reportOf(stage))
                                    : records.withdrawal(stage.name(), process)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            producer.close(Duration.ofMillis(PATIENCE_MILLIS));
        }
    }

    private Map<String, StageState> states() {
        Map<String, StageState> states = new HashMap<>();
        run.stages().forEach(stage -> states.put(stage.name(), stage.status().state()));
        return states;
    }

    private static void send(
            KafkaProducer<byte[], byte @Nullable []> producer, ProducerRecord<byte[], byte @Nullable []> record) {
        try {
            Future<RecordMetadata> unused = producer.send(record, (sent, failure) -> {
                if (failure != null) {
                    LOG.debug("A report was not taken: {}", failure.getClass().getSimpleName());
                }
            });
        } catch (KafkaException e) {
            LOG.debug("No report can be sent now: {}", e.getClass().getSimpleName());
        }
    }

    /** Rates since the last time; over a moment they would say nothing. */
    private void measure() {
        long nanos = System.nanoTime();
        double seconds = (nanos - countedNanos) / NANOS_PER_SECOND;
        if (seconds < 1 && !counted.isEmpty()) {
            return;
        }
        Map<String, Long> now = counts();
        Map<String, Double> measured = new HashMap<>();
        if (!counted.isEmpty()) {
            now.forEach(
                    (name, count) -> measured.put(name, Math.max(0, count - counted.getOrDefault(name, 0L)) / seconds));
        }
        counted.clear();
        counted.putAll(now);
        countedNanos = nanos;
        rates = measured;
    }

    private Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>();
        for (SourceProgress.Table table : run.loads()) {
            counts.put(name("source " + table.table().source(), table.table().toString()), table.changes());
        }
        for (Map.Entry<String, TransformProgress> each : run.transforms().entrySet()) {
            counts.put(
                    name("transform " + each.getKey(), "changes"),
                    each.getValue().changes());
            counts.put(
                    name("transform " + each.getKey(), "rows"), each.getValue().rows());
        }
        for (Map.Entry<String, SinkStage> each : run.sinks().entrySet()) {
            each.getValue()
                    .progress()
                    .tables()
                    .forEach(table -> counts.put(
                            name("sink " + each.getKey(), table.table().toString()),
                            table.upserted() + table.deleted()));
        }
        return counts;
    }

    private static String name(String stage, String what) {
        return stage + "\n" + what;
    }

    private StageReport reportOf(Stage stage) {
        StageStatus status = stage.status();
        SluiceException cause = status.cause();
        Map<String, Double> perSecond = new HashMap<>();
        String prefix = name(stage.name(), "");
        rates.forEach((name, rate) -> {
            if (name.startsWith(prefix)) {
                perSecond.put(name.substring(prefix.length()), rate);
            }
        });
        Map<String, StageReport.Load> loads = new HashMap<>();
        for (SourceProgress.Table table : run.loads()) {
            if (table.state() == SourceProgress.State.LOADING
                    && stage.name().equals("source " + table.table().source())) {
                loads.put(table.table().toString(), new StageReport.Load(table.rowsRead(), table.rowsPerSecond()));
            }
        }
        return new StageReport(
                process,
                stage.name(),
                status.state(),
                run.isPaused(stage),
                cause == null
                        ? null
                        : new StageReport.Cause(cause.code(), cause.problem(), cause.place(), cause.remedy()),
                perSecond,
                loads);
    }

    /** Takes back what it said of stages that end now as they should. Idempotent. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(3L * PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

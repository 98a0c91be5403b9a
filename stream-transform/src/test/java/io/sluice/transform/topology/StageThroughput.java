package io.sluice.transform.topology;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.schemas.codec.InMemorySchemaStore;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * How fast a whole transform works a backlog of healthy records off, two row records each: prints changes a second and CPU seconds
 * for 100,000. The broker's work is in the latter, for it lives in the same JVM. Not a test.
 */
final class StageThroughput {

    private static final int RECORDS = 200_000;
    private static final int ROUNDS = 5;

    private StageThroughput() {}

    public static void main(String[] arguments) throws Exception {
        OperatingSystemMXBean os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try (RunningKafka kafka = new RunningKafka()) {
            for (int round = 0; round < ROUNDS; round++) {
                InMemorySchemaStore schemas = new InMemorySchemaStore();
                ServiceFixture fixture = new ServiceFixture("p" + round, schemas, 1);
                fixture.registerAll();
                kafka.prepare(fixture);
                for (long i = 0; i < RECORDS; i++) {
                    kafka.send(
                            fixture,
                            fixture.accounts.insert(i % 1000, "an owner with a name", new BigDecimal("67123.45")));
                }
                kafka.flush();
                Path state = Files.createTempDirectory("stage-throughput");
                try (TransformStage stage = new TransformStage(
                        fixture.pipeline,
                        fixture.service,
                        kafka.connection(),
                        schemas,
                        new SimpleMeterRegistry(),
                        state)) {
                    stage.start();
                    await(stage, 1);
                    long before = stage.progress().changes();
                    long startedNanos = System.nanoTime();
                    long cpuNanos = os.getProcessCpuTime();
                    await(stage, RECORDS);
                    double done = RECORDS - before;
                    double seconds = (System.nanoTime() - startedNanos) / 1e9;
                    double cpuSeconds = (os.getProcessCpuTime() - cpuNanos) / 1e9;
                    System.out.printf(
                            "%,.0f changes/s, %.3f CPU-s per 100k%n", done / seconds, cpuSeconds * 100_000 / done);
                } finally {
                    delete(state);
                }
            }
        }
    }

    private static void await(TransformStage stage, long changes) {
        Awaitility.await()
                .atMost(2, TimeUnit.MINUTES)
                .pollDelay(0, TimeUnit.MILLISECONDS)
                .pollInterval(1, TimeUnit.MILLISECONDS)
                .until(() -> stage.progress().changes() >= changes);
    }

    private static void delete(Path folder) throws Exception {
        List<Path> all;
        try (Stream<Path> files = Files.walk(folder)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }
}

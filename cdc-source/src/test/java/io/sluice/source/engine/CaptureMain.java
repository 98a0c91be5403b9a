package io.sluice.source.engine;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that captures, to be killed: from outside, or by itself at a place, without a word, as kill -9 does it.
 *
 * <p>System properties: {@code failpoint} and {@code hit}, the place and how often it is passed before; {@code without}, the
 * safeguard that it goes without; {@code freeze}, to stop there instead of ending; {@code ordered}, the tables of a strong
 * service.
 */
final class CaptureMain {

    private static final int KILLED = 137;

    private CaptureMain() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, List<String>> services = new LinkedHashMap<>();
        services.put("orders", List.of(arguments).subList(4, arguments.length));
        String ordered = System.getProperty("ordered", "");
        if (!ordered.isEmpty()) {
            services.put(Capture.STRONG, List.of(ordered.split(",")));
        }
        Pipeline pipeline = Capture.pipeline(arguments[0], arguments[1], services);
        KafkaConnection kafka = KafkaConnection.of(KafkaSpec.at(arguments[2]), Pipeline.DEFAULT_MAX_RECORD_BYTES);
        SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(arguments[3]));
        PostgresSource source = new PostgresSource(
                pipeline, pipeline.sources().get(0), kafka, schemas, new SimpleMeterRegistry(), safeguards());
        source.prepare();
        source.start();
        while (source.status().state() != StageState.HALTED) {
            LockSupport.parkNanos(10_000_000);
            SourceProgress.Table first = source.progress().tables().get(0);
            System.out.println(first.changes() > 0 ? "CHANGING" : first.state());
        }
        System.out.println("HALTED " + source.status().cause().getMessage());
        System.exit(1);
    }

    private static Safeguards safeguards() {
        String without = System.getProperty("without", "");
        Safeguards safeguards = new Safeguards(
                !without.equals("position-filter"),
                !without.equals("offset-in-transaction"),
                !without.equals("fence"),
                point -> {});
        String name = System.getProperty("failpoint", "");
        if (name.isEmpty()) {
            return safeguards;
        }
        Safeguards.Point end = Safeguards.Point.valueOf(name);
        AtomicInteger left = new AtomicInteger(Integer.getInteger("hit", 0));
        boolean freeze = Boolean.getBoolean("freeze");
        return safeguards.with(point -> {
            if (point == end && left.getAndDecrement() == 0) {
                if (freeze) {
                    freeze();
                } else {
                    Runtime.getRuntime().halt(KILLED);
                }
            }
        });
    }

    private static void freeze() {
        try {
            new ProcessBuilder(
                            "kill",
                            "-STOP",
                            Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

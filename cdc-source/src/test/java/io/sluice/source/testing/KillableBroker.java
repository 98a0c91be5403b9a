package io.sluice.source.testing;

import io.sluice.localstack.kafka.LocalKafka;
import io.sluice.localstack.process.GuardedProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A broker as a process of its own. */
public final class KillableBroker implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path data;
    private final Path log;
    private final String address;
    private GuardedProcess process;

    private KillableBroker(Path data, Path log, String address, GuardedProcess process) {
        this.data = data;
        this.log = log;
        this.address = address;
        this.process = process;
    }

    public static KillableBroker start(Path data) throws Exception {
        Files.createDirectories(data);
        Path log = data.resolveSibling("broker.log");
        GuardedProcess process = launch(data, log);
        String address = Awaitility.await().atMost(PATIENCE).until(() -> lastAddress(log), line -> !line.isEmpty());
        return new KillableBroker(data, log, address, process);
    }

    private static GuardedProcess launch(Path data, Path log) throws IOException {
        return GuardedProcess.start(new GuardedProcess.Spec(
                "broker",
                JavaChild.command(LocalKafka.class, List.of(), List.of(data.toString())),
                data.getParent(),
                Map.of(),
                log,
                "TERM",
                Duration.ofSeconds(20)));
    }

    private static String lastAddress(Path log) throws IOException {
        return Files.exists(log)
                ? Files.readAllLines(log, StandardCharsets.UTF_8).stream()
                        .filter(line -> line.matches("127\\.0\\.0\\.1:\\d+"))
                        .reduce("", (first, second) -> second)
                : "";
    }

    public String address() {
        return address;
    }

    public void killAndRestart() throws Exception {
        kill();
        restart();
    }

    public void kill() throws Exception {
        new ProcessBuilder("kill", "-KILL", Long.toString(process.pid()))
                .start()
                .waitFor();
        process.onExit().get(30, TimeUnit.SECONDS);
        process.close();
    }

    /** At the address that it had. */
    public void restart() throws Exception {
        Files.delete(log);
        process = launch(data, log);
        Awaitility.await().atMost(PATIENCE).until(() -> lastAddress(log).equals(address));
    }

    @Override
    public void close() {
        process.close();
    }
}

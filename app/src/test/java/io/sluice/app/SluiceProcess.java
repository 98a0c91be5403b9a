package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A command in a JVM of its own, as a user starts it; what it prints goes to a file. */
public final class SluiceProcess implements AutoCloseable {

    private final Process process;
    private final Path log;

    private SluiceProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    public static SluiceProcess start(Path log, Map<String, String> environment, String... arguments)
            throws IOException {
        return start(System.getProperty("java.class.path"), log, environment, arguments);
    }

    /** As in the image: of what the build packs, without the servers that we start ourselves. */
    public static SluiceProcess startOfImage(Path log, Map<String, String> environment, String... arguments)
            throws IOException {
        return start("target/sluice/*" + File.pathSeparator + "target/sluice/lib/*", log, environment, arguments);
    }

    private static SluiceProcess start(String classPath, Path log, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx700m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Dlogback.configurationFile=logback.xml",
                "-cp",
                classPath,
                "io.sluice.app.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return new SluiceProcess(builder.start(), log);
    }

    public void awaitLine(String text) throws IOException {
        Awaitility.await(text)
                .atMost(Duration.ofSeconds(90))
                .until(() -> printed().contains(text) || !process.isAlive());
        assertThat(printed()).contains(text);
    }

    public String printed() throws IOException {
        return Files.readString(log);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public void killNine() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Asks it to end, as Ctrl-C does. */
    public int stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    public int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

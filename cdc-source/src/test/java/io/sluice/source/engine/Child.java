package io.sluice.source.engine;

import io.sluice.localstack.testing.KafkaServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A capturing process. */
final class Child {

    private static final int KILLED = 137;
    private static final long PATIENCE_SECONDS = 90;

    private final Process process;
    private final BufferedReader out;

    private Child(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static Child of(Capture capture, String registry) throws IOException {
        return of(capture, registry, "");
    }

    static Child of(Capture capture, String registry, String without) throws IOException {
        return start(capture, registry, List.of("-Dwithout=" + without));
    }

    /** @param hit how often the place is passed before */
    static Child endingAt(Capture capture, String registry, Safeguards.Point point, int hit) throws IOException {
        return endingAt(capture, registry, point, hit, "");
    }

    static Child endingAt(Capture capture, String registry, Safeguards.Point point, int hit, String without)
            throws IOException {
        return start(capture, registry, List.of("-Dfailpoint=" + point, "-Dhit=" + hit, "-Dwithout=" + without));
    }

    /** One that stops at a place, with all that it holds, until it is told to go on. */
    static Child freezingAt(Capture capture, String registry, Safeguards.Point point, String without)
            throws IOException {
        return start(capture, registry, List.of("-Dfailpoint=" + point, "-Dfreeze=true", "-Dwithout=" + without));
    }

    /** Whether it is stopped. */
    boolean isFrozen() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).startsWith("T");
    }

    private static Child start(Capture capture, String registry, List<String> properties) throws IOException {
        // What a killed process leaves behind stays in the build's folder.
        Path scratch = Files.createDirectories(Path.of("target", "killed").toAbsolutePath());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx512m",
                "-Djava.io.tmpdir=" + scratch));
        command.addAll(properties);
        command.add("-Dordered=" + String.join(",", capture.readInOrder()));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                CaptureMain.class.getName(),
                capture.pipelineName,
                capture.database.url(),
                KafkaServer.shared().bootstrapServers(),
                registry));
        command.addAll(List.of(MixedLoad.TABLES));
        return new Child(new ProcessBuilder(command)
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(scratch.resolve("log").toFile()))
                .start());
    }

    /** Reads what it says until it is there. */
    String awaitState(String state) throws Exception {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("HALTED")) {
                throw new AssertionError(line);
            }
            // A load may be over before anyone looks.
            if (line.equals(state) || (state.equals("LOADING") && line.equals("CHANGING"))) {
                return line;
            }
        }
        throw new AssertionError("the child ended with " + process.waitFor());
    }

    /** Waits until it has ended itself at its place. */
    void awaitEnd(String place) throws Exception {
        Thread reader = new Thread(
                () -> {
                    try {
                        while (out.readLine() != null) {
                            Thread.onSpinWait();
                        }
                    } catch (IOException e) {
                        // It has ended.
                        return;
                    }
                },
                "child-output");
        reader.setDaemon(true);
        reader.start();
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            kill();
            throw new AssertionError(place + " was not reached");
        }
        if (process.exitValue() != KILLED) {
            throw new AssertionError("the child ended before " + place + " with " + process.exitValue());
        }
    }

    void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}

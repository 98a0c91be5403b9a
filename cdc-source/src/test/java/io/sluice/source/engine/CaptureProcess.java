package io.sluice.source.engine;

import io.sluice.localstack.testing.KafkaServer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A capture as a process of its own, with a heap of its own. */
final class CaptureProcess implements AutoCloseable {

    private final Process process;
    private final File log;

    private CaptureProcess(Process process, File log) {
        this.process = process;
        this.log = log;
    }

    static CaptureProcess start(Capture capture, String registry, String heap, String... tables) throws Exception {
        // What a killed process leaves behind stays in the build's folder.
        Path scratch = Files.createDirectories(Path.of("target", "killed").toAbsolutePath());
        File log = scratch.resolve(capture.pipelineName + ".log").toFile();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx" + heap,
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.io.tmpdir=" + scratch,
                "-cp",
                System.getProperty("java.class.path"),
                CaptureMain.class.getName(),
                capture.pipelineName,
                capture.database.url(),
                KafkaServer.shared().bootstrapServers(),
                registry));
        command.addAll(List.of(tables));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(log)
                .start();
        return new CaptureProcess(process, log);
    }

    /** A capture that ends before it is told to has halted, or outgrown its heap. */
    void refuseEnd() {
        if (!process.isAlive()) {
            throw new AssertionError("the capture ended with " + process.exitValue() + ", see " + log);
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}

package io.sluice.source.engine;

import io.sluice.source.testing.JavaChild;
import java.io.File;
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
        File log = JavaChild.scratch().resolve(capture.pipelineName + ".log").toFile();
        List<String> command = JavaChild.command(
                CaptureMain.class,
                List.of("-Xmx" + heap, "-XX:+ExitOnOutOfMemoryError"),
                Child.arguments(capture, registry, tables));
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

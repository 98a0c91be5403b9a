package io.sluice.source.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java process with this one's class path, which says where it stands, and is stopped, frozen or killed. */
public final class JavaChild {

    private static final int KILLED = 137;
    private static final long PATIENCE_SECONDS = 90;

    private final Process process;
    private final BufferedReader out;

    private JavaChild(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** @param options of the virtual machine */
    public static JavaChild start(Class<?> main, List<String> options, List<String> arguments) throws IOException {
        return new JavaChild(new ProcessBuilder(command(main, options, arguments))
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        scratch().resolve("log").toFile()))
                .start());
    }

    /** What starts one. */
    public static List<String> command(Class<?> main, List<String> options, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx512m",
                "-Djava.io.tmpdir=" + scratch()));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return command;
    }

    /** What a killed process leaves behind stays in the build's folder. */
    public static Path scratch() throws IOException {
        return Files.createDirectories(Path.of("target", "killed").toAbsolutePath());
    }

    /** Whether it is stopped. */
    public boolean isFrozen() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).startsWith("T");
    }

    /** Reads what it says until it is there, or beyond: a load may be over before anyone looks. */
    public String awaitState(String state) throws Exception {
        return await(state, state.equals("LOADING") ? "CHANGING" : state);
    }

    /** Reads what it says until it is there. */
    public String awaitExactly(String state) throws Exception {
        return await(state, state);
    }

    private String await(String state, String beyond) throws Exception {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("HALTED")) {
                throw new AssertionError(line);
            }
            if (line.equals(state) || line.equals(beyond)) {
                return line;
            }
        }
        throw new AssertionError("the child ended with " + process.waitFor());
    }

    /** Waits until it has ended itself at its place. */
    public void awaitEnd(String place) throws Exception {
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

    public void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}

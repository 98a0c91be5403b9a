package io.sluice.localstack.process;

import io.sluice.localstack.LocalServerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A child process that ends when this JVM does, also after {@code kill -9}.
 *
 * <p>The direct child of the JVM is a shell that starts the command and waits for the end of its standard input: closing it
 * is how {@link #close()} stops the command, and what the kernel does when the JVM is gone.
 */
public final class GuardedProcess implements AutoCloseable {

    /**
     * What to run.
     *
     * @param name what a process listing shows for the guard
     * @param log file that takes the command's output and errors
     * @param stopSignal the signal that asks the command to stop, without SIG: {@code INT}, {@code TERM}
     * @param patience how long the command may take to stop before it is ended harshly
     */
    public record Spec(
            String name,
            List<String> command,
            Path folder,
            Map<String, String> environment,
            Path log,
            String stopSignal,
            Duration patience) {

        public Spec {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    private final Process guard;
    private final long pid;
    private final Duration patience;

    private GuardedProcess(Process guard, long pid, Duration patience) {
        this.guard = guard;
        this.pid = pid;
        this.patience = patience;
    }

    public static GuardedProcess start(Spec spec) {
        List<String> arguments = new ArrayList<>();
        arguments.add(spec.log().toString());
        arguments.add(spec.stopSignal());
        arguments.add(Long.toString(Math.max(1, spec.patience().toSeconds())));
        arguments.addAll(spec.command());
        ProcessBuilder builder = new ProcessBuilder(GuardScript.PROCESS.command(spec.name(), arguments))
                .directory(spec.folder().toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(spec.log().toFile()));
        builder.environment().putAll(spec.environment());
        try {
            Process guard = builder.start();
            return new GuardedProcess(guard, pidPrintedBy(guard, spec), spec.patience());
        } catch (IOException e) {
            throw new LocalServerException("Can't start " + spec.name() + ": " + e.getMessage(), e);
        }
    }

    private static long pidPrintedBy(Process guard, Spec spec) throws IOException {
        var reader = new BufferedReader(new InputStreamReader(guard.getInputStream(), StandardCharsets.UTF_8));
        String line = reader.readLine();
        if (line == null) {
            throw new LocalServerException("The guard of " + spec.name() + " ended at once; see " + spec.log());
        }
        return Long.parseLong(line.strip());
    }

    /** The process id of the command itself. */
    public long pid() {
        return pid;
    }

    public boolean isAlive() {
        return guard.isAlive();
    }

    /** The command's exit code, once it has ended. */
    public OptionalInt exitCode() {
        return guard.isAlive() ? OptionalInt.empty() : OptionalInt.of(guard.exitValue());
    }

    /** Completes with the command's exit code when it ends, wanted or not. */
    public CompletableFuture<Integer> onExit() {
        return guard.onExit().thenApply(Process::exitValue);
    }

    /** Waits for a command that ends by itself. */
    public int await(Duration limit) {
        try {
            if (!guard.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                close();
                throw new LocalServerException("A command did not end within " + limit.toSeconds() + " s");
            }
            return guard.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new LocalServerException("Interrupted while waiting for a command", e);
        }
    }

    /** Asks the command to stop and waits until it has. */
    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
        } catch (IOException e) {
            // The guard has gone already, and the pipe with it.
        }
        boolean interrupted = false;
        long deadline = System.nanoTime() + patience.plusSeconds(10).toNanos();
        while (guard.isAlive() && System.nanoTime() < deadline) {
            try {
                guard.waitFor(100, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                // A server must not be left behind because its owner is in a hurry.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    long guardPid() {
        return guard.pid();
    }
}

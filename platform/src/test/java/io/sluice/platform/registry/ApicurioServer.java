package io.sluice.platform.registry;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Apicurio Registry, in memory, as a child process on loopback ports. A shell stands between us and it and reads from a pipe
 * that we hold: when we end, however we end, the pipe closes and the shell ends the server.
 */
final class ApicurioServer implements AutoCloseable {

    private static final int OLDEST_JDK = 21;
    private static final Pattern LISTENING =
            Pattern.compile("started in .* Listening on: (http://127\\.0\\.0\\.1:\\d+)");
    private static final Pattern RELEASE = Pattern.compile("JAVA_VERSION=\"(\\d+)");

    private final Process shell;
    private final String url;

    private ApicurioServer(Process shell, String url) {
        this.shell = shell;
        this.url = url;
    }

    /** A JDK that can run it: this one, one that the environment names, or one of the system's. */
    static Optional<Path> java() {
        Stream<Path> named = Stream.of("JAVA21_HOME", "JAVA25_HOME", "JAVA_HOME")
                .map(System.getenv()::get)
                .filter(Objects::nonNull)
                .map(Path::of);
        return Stream.of(Stream.of(Path.of(System.getProperty("java.home"))), named, installed().stream())
                .flatMap(homes -> homes)
                .filter(home -> release(home) >= OLDEST_JDK)
                .map(home -> home.resolve("bin/java"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static List<Path> installed() {
        try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
            return homes.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static int release(Path home) {
        try {
            Matcher version = RELEASE.matcher(Files.readString(home.resolve("release")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** @param home where its archive was unpacked */
    static ApicurioServer start(Path home) throws IOException, InterruptedException {
        String java = java().orElseThrow().toString();
        Path jar = home.resolve("quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is missing; the Maven build unpacks it");
        }
        // The server's standard input is not ours, so that only the shell's `read` sees the pipe close. Ctrl-C must not
        // end the shell: the server, in its background, would not hear it.
        String script =
                "trap '' INT HUP; \"$@\" </dev/null & server=$!; while read -r line; do :; done; kill -9 $server; wait $server";
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        script,
                        "sh",
                        java,
                        "-Xmx384m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        // Killed, it can't tidy up what it has unpacked; `mvn clean` will.
                        "-Djava.io.tmpdir=" + Files.createDirectories(home.resolveSibling("apicurio-tmp")),
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=0",
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=0",
                        "-jar",
                        jar.toString())
                .redirectErrorStream(true)
                .start();
        CompletableFuture<String> url = new CompletableFuture<>();
        Thread output = new Thread(() -> follow(shell, url), "apicurio-output");
        output.setDaemon(true);
        output.start();
        try {
            return new ApicurioServer(shell, url.get(90, TimeUnit.SECONDS));
        } catch (Exception e) {
            end(shell);
            throw new IOException("Apicurio Registry did not start", e);
        }
    }

    private static void follow(Process shell, CompletableFuture<String> url) {
        StringBuilder log = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    url.complete(listening.group(1));
                }
                if (!url.isDone()) {
                    log.append(line).append('\n');
                }
            }
        } catch (IOException e) {
            log.append(e.getMessage());
        }
        url.completeExceptionally(new IOException("it ended:\n" + log));
    }

    String url() {
        return url + "/apis/ccompat/v7";
    }

    long serverPid() {
        return shell.children().map(ProcessHandle::pid).findFirst().orElseThrow();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        end(shell);
    }

    private static void end(Process shell) throws IOException, InterruptedException {
        shell.getOutputStream().close();
        if (!shell.waitFor(10, TimeUnit.SECONDS)) {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
        }
    }
}

package io.sluice.localstack.process;

import io.sluice.localstack.LocalServerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The shell scripts of this package and the command line that runs one of them in a session of its own. */
enum GuardScript {
    PROCESS("guard-process.sh"),
    FOLDER("guard-folder.sh");

    private final String resource;

    GuardScript(String resource) {
        this.resource = resource;
    }

    /** The command that runs this script; {@code name} is what shows in a process listing. */
    List<String> command(String name, List<String> arguments) {
        List<String> command = new ArrayList<>(ownSession());
        command.addAll(List.of("sh", "-c", text(), name));
        command.addAll(arguments);
        return command;
    }

    private String text() {
        try (InputStream in = GuardScript.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new LocalServerException("This build of local-stack lacks " + resource + "; build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without either tool the guards still work, but a Ctrl-C in the terminal reaches the servers before the JVM is done. */
    private static List<String> ownSession() {
        if (onPath("setsid")) {
            return List.of("setsid");
        }
        if (onPath("perl")) {
            return List.of("perl", "-e", "use POSIX; POSIX::setsid(); exec { $ARGV[0] } @ARGV");
        }
        return List.of();
    }

    static boolean onPath(String tool) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        return Stream.of(path.split(":"))
                .filter(folder -> !folder.isEmpty())
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }
}

package io.sluice.app.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.NeededServer;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A program that scripts/install-tools.sh fetches. It works on files of the repository. */
final class Tool {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Tool() {}

    /** Runs it in the repository; what it prints. Fails where it does not end well. */
    static String run(Path output, String program, String... arguments) throws IOException, InterruptedException {
        Path path = folder().resolve(program);
        NeededServer.orElseSkip(
                Files.isExecutable(path)
                        ? Optional.empty()
                        : Optional.of(program + " is not in " + folder() + ": scripts/install-tools.sh fetches it"));
        List<String> command = new ArrayList<>(List.of(path.toString()));
        command.addAll(List.of(arguments));
        File errors = output.resolveSibling(program + ".err").toFile();
        Process process = new ProcessBuilder(command)
                .directory(ROOT.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue())
                .as("%s\n%s\n%s", command, printed, Files.readString(errors.toPath()))
                .isZero();
        return printed;
    }

    private static Path folder() {
        String named = System.getenv("SLUICE_TOOLS");
        if (named != null) {
            return Path.of(named);
        }
        String cache = System.getenv("SLUICE_CACHE");
        String home = System.getenv("XDG_CACHE_HOME");
        if (cache != null) {
            return Path.of(cache, "tools");
        }
        return home == null
                ? Path.of(System.getProperty("user.home"), ".cache/sluice/tools")
                : Path.of(home, "sluice/tools");
    }
}

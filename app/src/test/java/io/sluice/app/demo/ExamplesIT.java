package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every pipeline under {@code examples/}, run as a user would run it, while its source changes and after a kill. */
class ExamplesIT {

    private static final Path EXAMPLES = Path.of("../examples");

    /** Shows what a file can say, and asks for servers with TLS and passwords of their own. */
    private static final Set<String> SHOWN_ONLY = Set.of("full");

    private static int played;
    private static int failed;
    private static LocalStack stack;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        stack = LocalStack.startTemporary(Part.KAFKA, Part.REGISTRY);
    }

    @AfterAll
    static void stop() throws IOException {
        stack.close();
        Files.writeString(Path.of("target/examples.txt"), played + " examples, " + failed + " failed\n");
    }

    private static List<String> examples() throws IOException {
        try (Stream<Path> folders = Files.list(EXAMPLES)) {
            return folders.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> !SHOWN_ONLY.contains(name))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void thereAreExamples() throws Exception {
        assertThat(examples())
                .contains("monolith-split", "tradingagents", "trading-engine", "row-mapper", "shared-tables");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void targetsHoldWhatTheSourceDoesWhateverHappensToIt(String example) throws Exception {
        try (ExampleRun run = new ExampleRun(EXAMPLES.resolve(example), folder, stack)) {
            played++;
            failed++;
            run.play();
        }
        failed--;
    }
}

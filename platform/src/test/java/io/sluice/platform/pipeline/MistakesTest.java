package io.sluice.platform.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files with mistakes, each beside what is said of it. After a wanted change of words, run with {@code -Dgolden.update=true} and
 * read the difference.
 */
class MistakesTest {

    private static final Path FOLDER = Path.of("src/test/resources/pipelines");
    static final Map<String, String> ENVIRONMENT = Map.of(
            "MONOLITH_URL", "postgresql://sluice:hunter2@monolith:5432/shop",
            "ORDERS_URL", "postgresql://sluice:hunter2@orders:5432/orders",
            "LOOSE_URL", "postgresql://sluice:hunter2@loose:5432/loose",
            "MONGO_URI", "mongodb://sluice:hunter2@mongo:27017",
            "PASSWORD", "hunter2",
            "NAME", "app");

    static List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyMistakeIsFoundAtOnceAndWhereItIs(Path file) throws Exception {
        Path expected = Path.of(file.toString().replace(".yaml", ".expected"));

        String report = report(file);

        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(expected, report);
        }
        assertThat(report).isEqualTo(Files.readString(expected));
        assertThat(report).doesNotContain("hunter2").doesNotContain("Exception");
    }

    @Test
    void oneMistakeIsOneProblem() throws Exception {
        assertThat(report(FOLDER.resolve("one-mistake.yaml"))).endsWith(": 1 problem\n");
    }

    @Test
    void fiveMistakesAreFiveProblems() throws Exception {
        assertThat(report(FOLDER.resolve("five-mistakes.yaml"))).endsWith(": 5 problems\n");
    }

    @Test
    void twentyMistakesAreTwentyProblems() throws Exception {
        assertThat(report(FOLDER.resolve("twenty-mistakes.yaml"))).endsWith(": 20 problems\n");
    }

    private static String report(Path file) throws Exception {
        PipelineResult result = new PipelineReader(ENVIRONMENT, ExpressionChecker.trusting())
                .read(Files.readString(file), String.valueOf(file.getFileName()));
        return PipelineReport.render(result);
    }
}

package io.sluice.platform.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a file holds, the answer is a pipeline or problems, each on one line and without a secret. */
class HostileFilesTest {

    private static final String SECRET = "hunter2-secret";
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ": ",
            "\n",
            "- ",
            "&a ",
            "*a",
            "!!int ",
            "<<: ",
            "\t",
            "\0",
            "#",
            "'",
            "\"",
            "|",
            ">",
            "~",
            "null",
            "${",
            "${env:PASSWORD}",
            "${file:/}",
            "$$",
            "$part",
            "---\n",
            "\uFEFF",
            "\uD800",
            "é",
            "-1",
            "1e9",
            "?",
            "%",
            "@",
            "`",
            "soft()",
            "x.y.z",
            "\"\".\"");

    @Property(tries = 500)
    void randomBytesAreAnsweredWithProblems(@ForAll byte[] bytes) {
        check(bytes);
    }

    @Property(tries = 1500)
    void mutationsOfAValidFileAreAnsweredWithAPipelineOrProblems(@ForAll("mutants") String text) {
        check(text.getBytes(StandardCharsets.UTF_8));
    }

    @Provide
    Arbitrary<String> mutants() {
        return Arbitraries.longs().map(seed -> mutate(new Random(seed)));
    }

    private static String mutate(Random random) {
        String text = EXAMPLE;
        int mutations = 1 + random.nextInt(6);
        for (int i = 0; i < mutations; i++) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + random.nextInt(12));
            String piece = PIECES.get(random.nextInt(PIECES.size()));
            text = switch (random.nextInt(5)) {
                case 0 -> text.substring(0, at) + text.substring(end);
                case 1 -> text.substring(0, at) + piece + text.substring(at);
                case 2 -> text.substring(0, at) + piece + text.substring(end);
                case 3 -> text.substring(0, at);
                default -> withLinesSwapped(text, random);
            };
            if (text.isEmpty()) {
                return piece;
            }
        }
        return text;
    }

    private static String withLinesSwapped(String text, Random random) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        Collections.swap(lines, random.nextInt(lines.size()), random.nextInt(lines.size()));
        return String.join("\n", lines);
    }

    @Test
    void everyWrongTopLevelIsOneProblem() {
        for (String text : List.of("just text", "42", "[a, b]", "~", "- a\n- b\n", "'pipeline: x'")) {
            PipelineResult result = check(text.getBytes(StandardCharsets.UTF_8));
            assertThat(result.problems()).as(text).isNotEmpty();
        }
    }

    @Test
    void endlessValuesAreProblems() {
        String words = "a" + " a".repeat(200_000);
        String hosts = "h:1" + ",h:1".repeat(200_000);
        String dots = "a" + ".a".repeat(200_000);
        for (String text : List.of(
                EXAMPLE.replace("type: jsonb", "type: " + words),
                EXAMPLE.replace("${env:MONOLITH_URL}", "postgresql://" + hosts + "/db"),
                EXAMPLE.replace("${env:KAFKA_BOOTSTRAP}", hosts),
                EXAMPLE.replace("monolith.public.trades", dots),
                EXAMPLE.replace("uuid-from(_id)", "uuid-from(" + dots + ")"),
                EXAMPLE.replace("pipeline: ai-trader", "pipeline: " + "a".repeat(500_000)))) {
            assertThat(text).isNotEqualTo(EXAMPLE);
            check(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void aFileOfUnknownKeysDoesNotFillTheScreen() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append("key").append(i).append(": x\n");
        }

        PipelineResult result = check(text.toString().getBytes(StandardCharsets.UTF_8));

        assertThat(result.problems()).hasSizeLessThan(250);
        assertThat(PipelineReport.render(result)).contains("more problems are not listed");
    }

    @Test
    void whatIsNoFileIsAProblem(@TempDir Path folder) throws Exception {
        PipelineReader reader = reader();

        assertThat(PipelineReport.render(reader.read(folder.resolve("none.yaml"))))
                .contains("there is no such file");
        assertThat(PipelineReport.render(reader.read(folder))).contains("is a folder");
        Files.write(folder.resolve("large.yaml"), new byte[10 * 1024 * 1024]);
        assertThat(PipelineReport.render(reader.read(folder.resolve("large.yaml"))))
                .contains("is larger than 1024 KiB");
    }

    private static PipelineResult check(byte[] bytes) {
        PipelineResult result = reader().read(bytes, "f.yaml");
        assertThat(result.pipeline().isPresent()).isEqualTo(result.problems().isEmpty());
        assertThat(PipelineReport.render(result)).doesNotContain(SECRET);
        assertThat(PipelineReport.render(result).lines())
                .hasSize(result.problems().size() + 1)
                .allSatisfy(line -> assertThat(line).startsWith("f.yaml"));
        return result;
    }

    private static final String EXAMPLE = example();
    private static final Map<String, String> ENVIRONMENT = environment();

    private static PipelineReader reader() {
        return new PipelineReader(ENVIRONMENT, ExpressionChecker.trusting());
    }

    private static String example() {
        try {
            return Files.readString(ExamplesTest.EXAMPLES.resolve("full/pipeline.yaml"))
                    .replace("${file:mongo-uri}", "${env:MONGO_URI}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        ExamplesTest.environmentFor(EXAMPLE)
                .forEach((name, value) -> environment.put(name, value.replace("secret", SECRET)));
        environment.put("PASSWORD", SECRET);
        return environment;
    }
}

package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A guarantee whose test is gone is a claim. */
class ArchitecturePageTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Set<String> named = new TreeSet<>();
        Matcher found = Pattern.compile("`([A-Z][A-Za-z]+(?:IT|Test))`")
                .matcher(Files.readString(ROOT.resolve("ARCHITECTURE.md")));
        while (found.find()) {
            named.add(found.group(1) + ".java");
        }
        assertThat(named).hasSizeGreaterThan(7);
        assertThat(testFiles()).containsAll(named);
    }

    private static Set<String> testFiles() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path tests : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(tests)) {
                    names.addAll(
                            files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
                }
            }
        }
        return names;
    }
}

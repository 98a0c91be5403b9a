package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever is woken by a code must find it. */
class RunbooksTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern CODE = Pattern.compile(
            "(?:(?:Halt|Environment|BadInput)Exception|halt)\\(\\s*(?:[a-z]+ \\? )?\"([A-Z][A-Z_]+)\"(?:\\s*:\\s*\"([A-Z_]+)\")?");

    @Test
    void everyCodeHasItsPlaceInTheRunbooks() throws IOException {
        String runbooks = Files.readString(ROOT.resolve("docs/runbooks/README.md"));
        Set<String> codes = codes();
        assertThat(codes).hasSizeGreaterThan(30);
        assertThat(codes).allSatisfy(code -> assertThat(runbooks).containsPattern("\\b" + code + "\\b"));
    }

    private static Set<String> codes() throws IOException {
        Set<String> codes = new TreeSet<>();
        List<Path> sources = new ArrayList<>();
        for (String module :
                List.of("platform", "cdc-source", "stream-transform", "sink-writer", "control-plane", "app")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        for (Path source : sources) {
            Matcher found = CODE.matcher(Files.readString(source));
            while (found.find()) {
                codes.add(found.group(1));
                if (found.group(2) != null) {
                    codes.add(found.group(2));
                }
            }
        }
        return codes;
    }
}

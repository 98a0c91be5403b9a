package io.sluice.transform.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.Says;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.ValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference lists exactly the keys that the reader knows. Run with {@code -Dgolden.update=true} to bring it up to date. */
class SpecReferenceTest {

    private static final Path REFERENCE = Path.of("../docs/reference/specs.md");
    private static final String MARKER = "## The keys\n";

    @TempDir
    private Path folder;

    @Test
    void theReferenceSaysWhatTheReaderKnows() throws Exception {
        String text = Files.readString(REFERENCE);
        String wanted = text.substring(0, text.indexOf(MARKER) + MARKER.length()) + keys();
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(REFERENCE, wanted);
        }
        assertThat(Files.readString(REFERENCE)).isEqualTo(wanted);
    }

    @Test
    void theFilesOfTheReferencePass() throws Exception {
        String[] files = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(REFERENCE))
                .results()
                .map(found -> found.group(1))
                .toArray(String[]::new);
        assertThat(files).hasSize(2);

        SpecSuite suite = SpecSuite.read(SpecFiles.write(folder, files[0], files[1]));

        assertThat(suite.problems()).isEmpty();
        assertThat(suite.run()).hasSize(2).allMatch(SpecResult::passed);
    }

    private static String keys() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        collect(SpecShapes.FILE, shapes);
        StringBuilder text = new StringBuilder();
        for (Shape shape : shapes.values()) {
            text.append("\n### ").append(shape.name()).append("\n\n").append(shape.description());
            text.append("\n\n| key | type | left out | meaning |\n| --- | --- | --- | --- |\n");
            for (Key<?> key : shape.keys()) {
                text.append("| `%s` | %s | %s | %s |\n"
                        .formatted(
                                key.name(),
                                says(key.type()),
                                key.required() ? "**required**" : key.fallback(),
                                key.description()));
            }
        }
        return text.toString();
    }

    private static void collect(ValueType<?> type, Map<String, Shape> shapes) {
        if (type instanceof Shape shape && shapes.putIfAbsent(shape.name(), shape) == null) {
            shape.keys().forEach(key -> collect(key.type(), shapes));
        } else if (type instanceof MapType<?> map) {
            collect(map.value(), shapes);
        } else if (type instanceof ListType<?> list) {
            collect(list.item(), shapes);
        }
    }

    private static String says(ValueType<?> type) {
        if (type instanceof Shape shape) {
            return "[%s](#%s)".formatted(shape.name(), shape.name().replace(' ', '-'));
        }
        if (type instanceof MapType<?> map) {
            return "map of %s names to %s".formatted(map.rule().says(), says(map.value()));
        }
        if (type instanceof ListType<?> list) {
            return (list.singleAllowed() ? says(list.item()) + ", or a list of them" : "list of " + says(list.item()));
        }
        return Says.bare(type);
    }
}

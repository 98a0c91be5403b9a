package io.sluice.platform.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.config.ConfigFile;
import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Problems;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.ValueType;
import io.sluice.platform.config.Variables;
import io.sluice.schemas.pipeline.Setting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What is described is what is read: a key that is accepted and then forgotten would be a silent lie. */
class DescribedKeysTest {

    private static final Path EVERYTHING = Path.of("src/test/resources/pipelines/everything.yaml");
    /** Instead of a token, which the file of everything has. */
    private static final String BASIC_AUTH = "user: me\n  password: \"${env:PASSWORD}\"";

    @Test
    void everyDescribedKeyIsAcceptedAndRead() throws Exception {
        String text = Files.readString(EVERYTHING);
        Set<String> set = new TreeSet<>();
        Set<String> forgotten = new TreeSet<>();
        for (String variant : List.of(text, text.replace("token: \"${env:PASSWORD}\"", BASIC_AUTH))) {
            Problems problems = new Problems("everything.yaml");
            ConfigFile file = ConfigFile.read(
                    variant.getBytes(StandardCharsets.UTF_8),
                    "everything.yaml",
                    PipelinePart.SHAPE,
                    Variables.of(MistakesTest.ENVIRONMENT, Path.of("")),
                    problems);
            Section root = file.root().orElseThrow();
            assertThat(PipelinePart.read(root, file.settings(), ExpressionChecker.trusting()))
                    .isPresent();
            assertThat(problems.sorted()).isEmpty();
            file.settings().stream().map(Setting::key).forEach(set::add);
            collectForgotten(root, forgotten);
        }

        Set<String> described = new TreeSet<>();
        collectDescribed(PipelinePart.SHAPE, "", described);
        assertThat(set).as("the file of everything sets every key").containsExactlyInAnyOrderElementsOf(described);
        assertThat(forgotten).as("keys that nobody looked at").isEmpty();
    }

    private static void collectDescribed(ValueType<?> type, String path, Set<String> described) {
        if (type instanceof Shape shape) {
            for (Key<?> key : shape.keys()) {
                String under = path.isEmpty() ? key.name() : path + "." + key.name();
                described.add(under);
                collectDescribed(key.type(), under, described);
            }
        } else if (type instanceof MapType<?> map) {
            described.add(path + ".*");
            collectDescribed(map.value(), path + ".*", described);
        } else if (type instanceof ListType<?> list) {
            collectDescribed(list.item(), path, described);
        }
    }

    private static void collectForgotten(Section section, Set<String> forgotten) {
        Set<String> asked = section.asked();
        for (Key<?> key : section.shape().keys()) {
            if (section.sets(key) && !asked.contains(key.name())) {
                forgotten.add(section.shape().name() + "." + key);
            }
            sectionsUnder(section.get(key)).forEach(below -> collectForgotten(below, forgotten));
        }
    }

    private static List<Section> sectionsUnder(Optional<?> value) {
        List<Section> sections = new ArrayList<>();
        if (value.isPresent() && value.get() instanceof Section section) {
            sections.add(section);
        } else if (value.isPresent() && value.get() instanceof List<?> entries) {
            for (Object entry : entries) {
                if (entry instanceof Named<?> named && named.value() instanceof Section section) {
                    sections.add(section);
                }
            }
        }
        return sections;
    }
}

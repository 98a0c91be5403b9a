package io.sluice.platform.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class YamlDocumentTest {

    @Test
    void everyNodeKnowsItsPlace() {
        YamlNode.Entries root =
                (YamlNode.Entries) read("a:\n  - b\n  - {c: d}\n").orElseThrow();

        YamlNode.Items items = (YamlNode.Items) root.entries().get(0).value();
        YamlNode.Entries map = (YamlNode.Entries) items.items().get(1);
        assertThat(root.entries().get(0).keyPlace()).hasToString("f.yaml:1:1");
        assertThat(items.items().get(0).place()).hasToString("f.yaml:2:5");
        assertThat(map.entries().get(0).value().place()).hasToString("f.yaml:3:9");
    }

    @Test
    void aByteOrderMarkIsPassedOver() {
        assertThat(read("\uFEFFa: b")).isPresent();
    }

    @Test
    void anAliasStandsForItsAnchor() {
        YamlNode.Entries root = (YamlNode.Entries) read("a: &x {b: c}\nd: *x\n").orElseThrow();

        assertThat(root.entries().get(1).value())
                .isEqualTo(root.entries().get(0).value());
    }

    @Test
    void emptyFilesAreSaidToBeEmpty() {
        for (String empty : List.of("", "\n\n", "# nothing\n")) {
            assertThat(problem(empty)).isEqualTo("f.yaml: is empty; begin with \"pipeline: NAME\"");
        }
    }

    @Test
    void aSecondDocumentIsRefusedWhereItBegins() {
        assertThat(problem("a: b\n---\nc: d\n")).startsWith("f.yaml:2:1: a second document begins here");
    }

    @Test
    void tabsAreNamedAsTheCause() {
        assertThat(problem("a:\n\tb: c\n"))
                .startsWith("f.yaml:2:1: is not YAML")
                .endsWith("indent with spaces, not with tabs");
    }

    @Test
    void anUnquotedReferenceInBracesIsNamedAsTheCause() {
        assertThat(problem("a: {b: ${env:X}}\n")).startsWith("f.yaml:1:").endsWith("put quotes around ${…} inside { }");
    }

    @Test
    void controlCharactersAreFoundWhereTheyStand() {
        assertThat(problem("a: b\nc: d\0e\n")).isEqualTo("f.yaml:2:5: holds the control character U+0000; take it out");
        assertThat(problem("a: \u001B[31m\n")).startsWith("f.yaml:1:4: holds the control character U+001B");
    }

    @Test
    void whatIsNotUtf8IsFoundWhereItStands() {
        byte[] latin1 = "a: b\nc: d\u00E9e\n".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(problem(latin1)).isEqualTo("f.yaml:2:5: is not UTF-8 from here on; save it as UTF-8");
        assertThat(problem("a: b".getBytes(StandardCharsets.UTF_16))).isEqualTo("f.yaml: is UTF-16; save it as UTF-8");
        // A character cut off at the end is no text either.
        assertThat(problem(new byte[] {'a', ':', ' ', (byte) 0xC3})).contains("is not UTF-8");
    }

    @Test
    void tenMegabytesAreRefusedUnread() {
        assertThat(problem("a: " + "b".repeat(10 * 1024 * 1024))).startsWith("f.yaml: is larger than 1024 KiB");
    }

    @Test
    void deepNestingIsRefused() {
        assertThat(problem("[".repeat(100_000))).startsWith("f.yaml:1:33: is nested deeper than 32 levels");
        assertThat(problem("a: ".repeat(100))).startsWith("f.yaml:1:");
        assertThat(problem("- ".repeat(100_000))).startsWith("f.yaml:1:65: is nested deeper than 32 levels");
    }

    @Test
    void aBillionLaughsAreCutShort() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (int i = 1; i < 20; i++) {
            laughs.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(9) + "*a" + (i - 1)));
        }
        assertThat(problem(laughs.toString())).startsWith("f.yaml:").contains("has more than 50000 values");
    }

    @Test
    void manyAliasesAreRefused() {
        assertThat(problem("a: &x 1\nb: [" + "*x, ".repeat(200) + "]\n")).contains("has more than 100 aliases");
    }

    @Test
    void aliasesThatGoRoundInCirclesOrNowhereAreRefused() {
        assertThat(problem("a: &x [*x]\n")).startsWith("f.yaml:1:8: no finished anchor");
        assertThat(problem("a: *nobody\n")).startsWith("f.yaml:1:4: no finished anchor");
    }

    @Test
    void tagsAreRefused() {
        assertThat(problem("a: !!java.net.URL [\"http://x\"]\n")).startsWith("f.yaml:1:4: tags (!…) are not read here");
    }

    @Test
    void duplicateAndMergeKeysAreProblemsAmongOthers() {
        Problems problems = new Problems("f.yaml");

        YamlDocument.read(
                "a: &x {b: 1, b: 2}\nc:\n  <<: *x\n  [d]: e\n".getBytes(StandardCharsets.UTF_8),
                "f.yaml",
                YamlLimits.DEFAULT,
                problems);

        assertThat(problems.sorted())
                .extracting(Problem::toString)
                .containsExactly(
                        "f.yaml:1:14 a.b: is set twice, first on line 1; leave one of them out",
                        "f.yaml:3:3 c: merge keys (<<) are not read here; write the keys out",
                        "f.yaml:4:3 c: a key is a text, and this is a list");
    }

    private static Optional<YamlNode> read(String text) {
        return YamlDocument.read(
                text.getBytes(StandardCharsets.UTF_8), "f.yaml", YamlLimits.DEFAULT, new Problems("f.yaml"));
    }

    private static String problem(String text) {
        return problem(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String problem(byte[] bytes) {
        Problems problems = new Problems("f.yaml");
        assertThat(YamlDocument.read(bytes, "f.yaml", YamlLimits.DEFAULT, problems))
                .isEmpty();
        assertThat(problems.sorted()).hasSize(1);
        return problems.sorted().get(0).toString();
    }
}

package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SourceNamesTest {

    @Test
    void aSlotNameIsReadable() {
        assertThat(SourceNames.slot("ai-trader", "monolith")).isEqualTo("sluice_ai_trader__monolith");
    }

    @Test
    void namesAreLegalAndDiffer() {
        List<String> names = List.of(
                SourceNames.slot("a-b", "c"),
                SourceNames.slot("a", "b-c"),
                SourceNames.slot("a", "b--c"),
                SourceNames.slot("a--b", "c"),
                SourceNames.slot("a-", "b"),
                SourceNames.slot("a", "b"),
                SourceNames.publication("a", "b", "c"),
                SourceNames.slot("p".repeat(60), "s1"),
                SourceNames.slot("p".repeat(60), "s2"));

        assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9_]{1,63}"));
    }
}

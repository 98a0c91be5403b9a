package io.sluice.platform.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DidYouMeanTest {

    private static final List<String> KNOWN = List.of("from", "max-lag", "on-conflict", "tables", "key");

    @Test
    void nearWordsAreFound() {
        assertThat(DidYouMean.nearest("form", KNOWN)).contains("from");
        assertThat(DidYouMean.nearest("tabels", KNOWN)).contains("tables");
        assertThat(DidYouMean.nearest("onconflict", KNOWN)).contains("on-conflict");
    }

    @Test
    void otherWaysToJoinWordsAreFound() {
        assertThat(DidYouMean.nearest("maxLag", KNOWN)).contains("max-lag");
        assertThat(DidYouMean.nearest("MAX_LAG", KNOWN)).contains("max-lag");
    }

    @Test
    void farWordsAreNotGuessedAt() {
        assertThat(DidYouMean.nearest("partitions", KNOWN)).isEmpty();
        assertThat(DidYouMean.suggest("partitions", KNOWN))
                .isEqualTo("known here: from, max-lag, on-conflict, tables, key");
    }

    @Test
    void aMegabyteOfNameCostsNothing() {
        assertThat(DidYouMean.nearest("x".repeat(1_000_000), KNOWN)).isEmpty();
    }
}

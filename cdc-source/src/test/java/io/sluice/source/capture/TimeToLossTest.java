package io.sluice.source.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimeToLossTest {

    @Test
    void whatNeverEndsOrHasEndedIsToldAsSuch() {
        assertThat(TimeToLoss.ofSeconds(90.7)).contains(Duration.ofSeconds(90));
        assertThat(TimeToLoss.ofSeconds(-3)).contains(Duration.ZERO);
        assertThat(TimeToLoss.ofSeconds(Double.POSITIVE_INFINITY)).isEmpty();
        assertThat(TimeToLoss.ofSeconds(Double.NaN)).isEmpty();
    }

    @Test
    void everyLookIsShown() {
        List<Optional<Duration>> shown = new ArrayList<>();
        TimeToLoss time = new TimeToLoss("shop", "Make it larger.", shown::add);

        time.observe(Optional.of(Duration.ofMinutes(5)));
        time.observe(Optional.empty());

        assertThat(shown).containsExactly(Optional.of(Duration.ofMinutes(5)), Optional.empty());
    }
}

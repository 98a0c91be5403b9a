package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VisibilityTest {

    private final Visibility visibility = new Visibility();

    @Test
    void aSnapshotIsCompleteOnceItSeesEverythingThatWasPublished() {
        visibility.trackFrom(100);
        visibility.published(104);

        assertThat(visibility.isComplete("99:106:99"))
                .as("one from before is open")
                .isFalse();
        assertThat(visibility.isComplete("101:106:104"))
                .as("one that was published is not visible")
                .isFalse();
        assertThat(visibility.isComplete("101:104:"))
                .as("it ends before one that was published")
                .isFalse();
        assertThat(visibility.isComplete("101:106:101,105")).isTrue();
    }

    @Test
    void tooManyToNoteAreWaitedForAllTheSame() {
        visibility.trackFrom(100);
        for (int i = 0; i < 1_000_000; i++) {
            visibility.published(105);
        }

        assertThat(visibility.isComplete("100:100:"))
                .as("it does not see the last one")
                .isFalse();
        assertThat(visibility.isComplete("105:107:105")).isFalse();
        assertThat(visibility.isComplete("106:107:106")).isTrue();
    }
}

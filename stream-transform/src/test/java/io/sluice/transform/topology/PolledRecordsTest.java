package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PolledRecordsTest {

    private final PolledRecords.Count count = new PolledRecords(3).ofThisThread();

    @Test
    void theLastRecordOfAPollIsTheMomentToCommit() {
        count.polled(2);

        assertThat(count.drainedByOne()).isFalse();
        assertThat(count.drainedByOne()).isTrue();
    }

    @Test
    void afterAFullPollMoreIsWaitingSoTheClockCommits() {
        count.polled(3);

        assertThat(count.drainedByOne()).isFalse();
        assertThat(count.drainedByOne()).isFalse();
        assertThat(count.drainedByOne()).isFalse();

        count.polled(1);
        assertThat(count.drainedByOne()).isTrue();
    }

    @Test
    void recordsOfSeveralPollsAreOneInput() {
        count.polled(1);
        count.polled(1);

        assertThat(count.drainedByOne()).isFalse();
        assertThat(count.drainedByOne()).isTrue();
    }

    @Test
    void recordsLeftOverFromBeforeAResetDoNotCount() {
        count.polled(2);
        count.reset();

        assertThat(count.drainedByOne()).isFalse();
        count.polled(1);
        assertThat(count.drainedByOne()).isTrue();
    }
}

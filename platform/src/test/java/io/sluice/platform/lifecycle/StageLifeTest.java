package io.sluice.platform.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StageLifeTest {

    private final StageLife life = new StageLife();

    @Test
    void runsWaitsRunsAndStops() throws Exception {
        for (StageState state : new StageState[] {
            StageState.STARTING,
            StageState.RUNNING,
            StageState.WAITING,
            StageState.RUNNING,
            StageState.STOPPING,
            StageState.STOPPED
        }) {
            life.become(state);
        }
        assertThat(life.awaitEnd(Duration.ZERO)).isTrue();
    }

    @Test
    void aHaltedStageKeepsItsCauseAndOnlyStops() {
        HaltException cause =
                new HaltException("SLOT_LOST", "the slot is gone", "source monolith", "Start a new epoch.");
        life.become(StageState.STARTING);
        life.become(StageState.HALTED, cause);
        assertThat(life.status()).isEqualTo(new StageStatus(StageState.HALTED, cause));
        assertThatThrownBy(() -> life.become(StageState.RUNNING)).isInstanceOf(IllegalStateException.class);
        assertThat(life.tryBecome(StageState.WAITING, null)).isFalse();
        assertThat(life.tryBecome(StageState.STOPPING, null)).isTrue();
    }

    @Test
    void waitingForTheEndGivesUpInTime() throws Exception {
        life.become(StageState.STARTING);
        assertThat(life.awaitEnd(Duration.ofMillis(5))).isFalse();
    }
}

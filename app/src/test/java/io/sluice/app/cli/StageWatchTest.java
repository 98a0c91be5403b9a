package io.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.error.ExitCode;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageLife;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StageWatchTest {

    private final List<String> told = new ArrayList<>();

    private ExitCode watch(Stage... stages) throws InterruptedException {
        ShutdownSignal shutdown = ShutdownSignal.install();
        try {
            return new StageWatch(List.of(stages), new LoadWatch(List::of, told::add), told::add).watch(shutdown);
        } finally {
            shutdown.done();
        }
    }

    @Test
    void aProcessEndsWhenAllOfItsStagesHaveHaltedAndNamesTheirCodes() throws InterruptedException {
        assertThat(watch(halted("source monolith", "SLOT_LOST"), halted("sink billing", "ROW_REFUSED")))
                .isEqualTo(ExitCode.FAILED);
        assertThat(told).containsExactly("source monolith: halted [SLOT_LOST]", "sink billing: halted [ROW_REFUSED]");
    }

    @Test
    void whatAStageRemarksIsToldWithItsStateAndWhenItIsOver() throws InterruptedException {
        Iterator<Optional<String>> remarks = List.of(
                        Optional.of("half done"), Optional.of("half done"), Optional.<String>empty())
                .iterator();
        Stage halted = halted("sink billing", "ROW_REFUSED");
        Stage remarking = new Stage() {
            @Override
            public String name() {
                return halted.name();
            }

            @Override
            public void start() {}

            @Override
            public StageStatus status() {
                return remarks.hasNext() ? new StageStatus(StageState.RUNNING, null) : halted.status();
            }

            @Override
            public Optional<String> remark() {
                return remarks.hasNext() ? remarks.next() : Optional.empty();
            }

            @Override
            public void close() {}
        };
        watch(remarking);
        assertThat(told).containsExactly("sink billing: running, half done", "sink billing: running");
    }

    private static Stage halted(String name, String code) {
        StageLife life = new StageLife();
        life.become(StageState.STARTING);
        life.tryBecome(StageState.HALTED, new HaltException(code, "something is wrong", null, "Mend it."));
        return new Stage() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public StageStatus status() {
                return life.status();
            }

            @Override
            public void start() {}

            @Override
            public void close() {}
        };
    }
}

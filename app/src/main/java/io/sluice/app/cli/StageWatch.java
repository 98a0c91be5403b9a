package io.sluice.app.cli;

import io.sluice.platform.error.ExitCode;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.lifecycle.StageStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Tells each change of a stage's state, once. Why a stage waits or halts is in the log, by the stage itself. */
final class StageWatch {

    private static final Duration GLANCE = Duration.ofMillis(200);

    private final List<Stage> stages;
    private final LoadWatch loads;
    private final Consumer<String> out;
    private final Map<String, StageStatus> told = new HashMap<>();
    private final Map<String, String> remarks = new HashMap<>();

    StageWatch(List<Stage> stages, LoadWatch loads, Consumer<String> out) {
        this.stages = stages;
        this.loads = loads;
        this.out = out;
    }

    /** Stays until the process is asked to end, or nothing runs any more because every stage has halted. */
    ExitCode watch(ShutdownSignal shutdown) throws InterruptedException {
        while (!shutdown.await(GLANCE)) {
            tell();
            if (stages.stream().allMatch(stage -> stage.status().state() == StageState.HALTED)) {
                return ExitCode.FAILED;
            }
        }
        tell();
        out.accept("Stopping …");
        boolean halted = stages.stream().anyMatch(stage -> stage.status().state() == StageState.HALTED);
        return halted ? ExitCode.FAILED : ExitCode.DONE;
    }

    private void tell() {
        loads.tell();
        for (Stage stage : stages) {
            StageStatus status = stage.status();
            StageStatus before = told.put(stage.name(), status);
            String remark = stage.remark().orElse("");
            String remarked = Objects.requireNonNullElse(remarks.put(stage.name(), remark), "");
            if (before == null || isNews(before, status) || !remark.equals(remarked)) {
                String code = code(status);
                out.accept(stage.name() + ": " + status.state().name().toLowerCase(java.util.Locale.ROOT)
                        + (code.isEmpty() ? "" : " [" + code + "]")
                        + (remark.isEmpty() ? "" : ", " + remark));
            }
        }
    }

    /** A stage that waits for the same thing once more is none. */
    private static boolean isNews(StageStatus before, StageStatus now) {
        return before.state() != now.state() || !Objects.equals(code(before), code(now));
    }

    private static String code(StageStatus status) {
        SluiceException cause = status.cause();
        return cause == null ? "" : cause.code();
    }
}

package io.sluice.sink;

import io.sluice.localstack.testing.Database;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.pipeline.Consistency;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A sink in a process of its own, to be killed. Ends when its parent does. */
public final class SinkChild {

    /** Back soon after a kill: the group waits for the dead member only this long. */
    static final SinkSettings SETTINGS = new SinkSettings(
            500,
            4L << 20,
            Duration.ofSeconds(3),
            Duration.ofSeconds(20),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofMillis(50),
            Duration.ofMillis(500),
            Duration.ofSeconds(5),
            Duration.ofMillis(900),
            50,
            Duration.ofMillis(100),
            Duration.ofMillis(20),
            Duration.ofMillis(200));

    private SinkChild() {}

    /** @param arguments bootstrap servers, pipeline, of the database host, port, user, password and name, the consistency, and whether people decide */
    public static void main(String[] arguments) throws IOException {
        Database database = new Database(
                arguments[2], Integer.parseInt(arguments[3]), arguments[4], arguments[5], arguments[6], "");
        boolean strong = Consistency.valueOf(arguments[7]) == Consistency.STRONG;
        boolean decides = Boolean.parseBoolean(arguments[8]);
        SinkRig rig = strong
                ? SinkRig.strong(arguments[0], arguments[1], database, DoubleEntry.TABLES)
                : decides
                        ? SinkRig.deciding(arguments[0], arguments[1], database, SinkKillIT.COUNTERS, "version")
                        : new SinkRig(arguments[0], arguments[1], database, List.of(SinkKillIT.COUNTERS));
        if (strong) {
            DoubleEntry.register(rig);
        } else {
            RowProducer.register(rig, SinkKillIT.COUNTERS, SinkKillIT.ROWS);
        }
        try (SinkStage sink = rig.sink(SETTINGS)) {
            sink.start();
            int read = System.in.read();
            if (read >= 0 || sink.status().state() == StageState.HALTED) {
                System.err.println("ends: " + sink.status());
            }
        }
    }
}

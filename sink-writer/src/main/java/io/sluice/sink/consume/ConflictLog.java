package io.sluice.sink.consume;

import io.micrometer.core.instrument.Counter;
import io.sluice.schemas.pipeline.ConflictSpec;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the conflicts of one table and, where the pipeline file asks for it, warns of them, not too often. One thread's own. */
final class ConflictLog {

    private static final Logger LOG = LoggerFactory.getLogger(ConflictLog.class);
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private final String table;
    private final ConflictSpec spec;
    private final Counter counter;
    private long untold;
    private long nextNanos = System.nanoTime();

    ConflictLog(String table, ConflictSpec spec, Counter counter) {
        this.table = table;
        this.spec = spec;
        this.counter = counter;
    }

    void add(int rows) {
        counter.increment(rows);
        if (!spec.alert()) {
            return;
        }
        untold += rows;
        if (System.nanoTime() - nextNanos >= 0) {
            LOG.warn(
                    "{}: {} rows were newer at the target than what came, by {}; {}",
                    table,
                    untold,
                    spec.by().orElse(""),
                    switch (spec.resolve()) {
                        case LAST_WRITE_WINS -> "the target's were kept";
                        case SOURCE_WINS -> "the source's were written over them";
                        case MANUAL -> "they wait for a decision: `sluice conflicts list`";
                    });
            untold = 0;
            nextNanos = System.nanoTime() + PAUSE_NANOS;
        }
    }
}

package io.sluice.sink.parking;

import io.sluice.schemas.model.TargetTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a transaction did about held records, in as far as it is committed. Belongs to one thread. */
public final class Outcome {

    private static final Set<String> TOO_WIDE = Set.of("22001", "22003");

    private final Holding holding;
    private final List<Separation.Effect> effects = new ArrayList<>();
    private final List<ParkedKey> inVain = new ArrayList<>();
    private final Map<TargetTable, Integer> conflicts = new HashMap<>();
    private int through;
    private @Nullable SQLException tooWide;

    Outcome(Holding holding) {
        this.holding = holding;
    }

    /** Adds what was applied, and what was not. */
    void add(Separation.Result result) {
        effects.addAll(result.effects());
        result.failures().forEach((work, failure) -> {
            if (failure.isConflict()) {
                conflicts.merge(work.table(), 1, Integer::sum);
            }
            if (tooWide == null
                    && TOO_WIDE.contains(String.valueOf(failure.error().getSQLState()))) {
                tooWide = failure.error();
            }
        });
    }

    void through(int records) {
        through += records;
    }

    void inVain(ParkedKey key) {
        inVain.add(key);
    }

    public List<Separation.Effect> effects() {
        return effects;
    }

    /** How many rows of each table were found newer at the target, for a person to decide on. */
    public Map<TargetTable, Integer> conflicts() {
        return conflicts;
    }

    /** What the target said of a value that does not fit its column; null if every one did. */
    public @Nullable SQLException tooWide() {
        return tooWide;
    }

    /** How many held records are held no longer. */
    public int through() {
        return through;
    }

    /** How many keys are held still. */
    public int stuck() {
        return inVain.size();
    }

    public void committed() {
        inVain.forEach(holding::triedAgain);
        holding.committed(System.nanoTime());
    }
}

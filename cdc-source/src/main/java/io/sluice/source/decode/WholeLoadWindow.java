package io.sluice.source.decode;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The stretch of the log that a table's load has already seen in part. What it has seen is dropped, so that no row goes back.
 *
 * <p>One thing the load could not see: a row that an earlier load, cut short, had published, and that was deleted before this
 * one. So deletes are kept until the stretch is over, and those of keys that did not come back are published then.
 */
final class WholeLoadWindow {

    /** Some hundred megabytes; so many deletes during one interrupted load are no usual case. */
    private static final int MOST_DELETES = 2_000_000;

    private final TableId table;
    private final SeenTransactions seen;
    private final Map<Key, Change.Deleted> deleted = new LinkedHashMap<>();

    WholeLoadWindow(TableId table, SeenTransactions seen) {
        this.table = table;
        this.seen = seen;
    }

    boolean isPast(long boundary) {
        return seen.isPast(boundary);
    }

    boolean hasSeen(long commitLsn, int transaction) {
        return seen.hasSeen(commitLsn, transaction);
    }

    void returned(Change.Upserted change) {
        deleted.remove(change.key());
    }

    void seen(Change.Deleted change) {
        if (deleted.size() >= MOST_DELETES) {
            throw new HaltException(
                    "LOAD_WINDOW_TOO_LARGE",
                    "more than " + MOST_DELETES
                            + " rows were deleted while the table's first load was cut short and begun again",
                    "table " + table,
                    "Start a new epoch with `sluice run FILE --new-epoch " + table.source() + "`.");
        }
        deleted.put(change.key(), change);
    }

    /** Hands over the deletes that still hold, as of that boundary. */
    void finish(int epoch, long boundary, Consumer<Change.Deleted> out) {
        for (Change.Deleted change : deleted.values()) {
            Provenance was = change.provenance();
            out.accept(new Change.Deleted(
                    table,
                    change.key(),
                    change.before(),
                    new Provenance(
                            new Position(epoch, boundary, 0), was.commitTimeMicros(), was.transaction(), was.kind())));
        }
        deleted.clear();
    }
}

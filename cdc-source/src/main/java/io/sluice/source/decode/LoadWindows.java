package io.sluice.source.decode;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the stream has to leave out of one table, because a load has read it already. Belongs to the publishing thread. */
public final class LoadWindows {

    private final TableId table;
    private @Nullable WholeLoadWindow whole;
    private final List<ChunkWindow> chunks = new ArrayList<>();

    public LoadWindows(TableId table) {
        this.table = table;
    }

    /** The whole table was read at once, before the stream. */
    public void addWhole(SeenTransactions seen) {
        whole = new WholeLoadWindow(table, seen);
    }

    public void addChunk(ChunkWindow chunk) {
        chunks.add(chunk);
    }

    /** The deletes that were kept are of no use any more: the table's changes are not wanted. */
    public void forgetWhole() {
        whole = null;
    }

    public boolean isEmpty() {
        return whole == null && chunks.isEmpty();
    }

    /** Whether some of the rows that were read are of a time after that transaction. */
    boolean hasSeen(long commitLsn, int transaction) {
        WholeLoadWindow all = whole;
        return (all != null && all.hasSeen(commitLsn, transaction))
                || chunks.stream().anyMatch(chunk -> chunk.hasSeen(commitLsn, transaction));
    }

    boolean drops(Change.Upserted change, long commitLsn, int transaction) {
        WholeLoadWindow all = whole;
        if (all != null) {
            // Seen or not, the row is there again: an earlier delete no longer holds.
            all.returned(change);
            if (all.hasSeen(commitLsn, transaction)) {
                return true;
            }
        }
        return dropsKey(change.key(), commitLsn, transaction);
    }

    boolean drops(Change.Deleted change, long commitLsn, int transaction) {
        WholeLoadWindow all = whole;
        if (all != null && all.hasSeen(commitLsn, transaction)) {
            all.seen(change);
            return true;
        }
        return dropsKey(change.key(), commitLsn, transaction);
    }

    private boolean dropsKey(Key key, long commitLsn, int transaction) {
        for (ChunkWindow chunk : chunks) {
            if (chunk.drops(key, commitLsn, transaction)) {
                return true;
            }
        }
        return false;
    }

    /** Closes what that boundary is past; hands over the deletes that turn out to hold. */
    public void reached(int epoch, long boundary, Consumer<Change.Deleted> out) {
        WholeLoadWindow all = whole;
        if (all != null && all.isPast(boundary)) {
            all.finish(epoch, boundary, out);
            whole = null;
        }
        chunks.removeIf(chunk -> chunk.isPast(boundary));
    }
}

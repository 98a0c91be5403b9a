package io.sluice.source.position;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A load of one table that is under way.
 *
 * @param id the name of it that its marks in the change topics bear
 * @param services whom it is for
 * @param sweep whether rows that it does not meet are to go from the targets
 * @param byChunks whether it goes by ranges of keys beside the stream; otherwise the table is read whole before the stream
 * @param cursor the last key that was read, as texts; null before the first
 * @param last the table's last key when the load began, as texts: what comes behind it comes by the stream; null before the
 *     first range
 * @param atEnd whether the last range was read
 * @param estimate how many rows there will be; -1 where nobody knows
 * @param unsettled ranges that were read and that the stream has not passed yet
 */
public record Loading(
        String id,
        List<String> services,
        boolean sweep,
        boolean byChunks,
        @Nullable List<String> cursor,
        @Nullable List<String> last,
        boolean atEnd,
        long rows,
        long estimate,
        List<Chunk> unsettled) {

    public Loading {
        Objects.requireNonNull(id, "id");
        services = List.copyOf(services);
        cursor = cursor == null ? null : List.copyOf(cursor);
        last = last == null ? null : List.copyOf(last);
        unsettled = List.copyOf(unsettled);
    }

    /** A load that has read nothing yet. */
    public static Loading begun(String id, List<String> services, boolean sweep, boolean byChunks, long estimate) {
        return new Loading(id, services, sweep, byChunks, null, null, false, 0, estimate, List.of());
    }

    /**
     * A range of keys that was read, and that the stream has not passed. Its keys are stored beside it.
     *
     * @param slot where they are
     * @param snapshot it was read in, as {@code pg_current_snapshot()} writes it
     * @param until no event that ends after this was seen by the reading
     */
    public record Chunk(int slot, String snapshot, long until) {}

    /** The same load, from its begin and in ranges of keys: what is left to do when one that read all at once was cut short. */
    public Loading startedOver(boolean chunks) {
        return new Loading(id, services, sweep, chunks, null, null, false, 0, estimate, unsettled);
    }

    public Loading forServices(List<String> left) {
        return new Loading(id, left, sweep, byChunks, cursor, last, atEnd, rows, estimate, unsettled);
    }

    /**
     * One range further.
     *
     * @param upTo its last key
     * @param tableEnd the table's last key when the load began
     */
    public Loading read(Chunk chunk, @Nullable List<String> upTo, @Nullable List<String> tableEnd, long read) {
        List<Chunk> open = new ArrayList<>(unsettled);
        open.add(chunk);
        return new Loading(
                id,
                services,
                sweep,
                byChunks,
                upTo,
                tableEnd,
                Objects.equals(upTo, tableEnd),
                rows + read,
                estimate,
                open);
    }

    /** A place for the keys of the next range, that none of the open ones has. */
    public int freeSlot() {
        int slot = 0;
        while (isTaken(slot)) {
            slot++;
        }
        return slot;
    }

    private boolean isTaken(int slot) {
        return unsettled.stream().anyMatch(chunk -> chunk.slot() == slot);
    }

    /** Only what the stream has not passed at that boundary. */
    public Loading settledAt(long boundary) {
        List<Chunk> open = unsettled.stream()
                .filter(chunk -> Long.compareUnsigned(chunk.until(), boundary) > 0)
                .toList();
        return open.size() == unsettled.size() ? this : withUnsettled(open);
    }

    public Loading withUnsettled(List<Chunk> open) {
        return new Loading(id, services, sweep, byChunks, cursor, last, atEnd, rows, estimate, open);
    }

    /** Whether every row is read and the stream has passed the reading. */
    public boolean isOver() {
        return atEnd && unsettled.isEmpty();
    }
}

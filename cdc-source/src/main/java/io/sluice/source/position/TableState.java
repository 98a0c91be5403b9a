package io.sluice.source.position;

import io.sluice.schemas.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of one table.
 *
 * @param epoch the source's epoch that all this belongs to
 * @param oid which table bore that name: one that was dropped and made again is another
 * @param key its key columns with their types: frozen, for keys decide about partitions and order
 * @param services who has all of its rows: one that reads the table since later has not
 * @param former who once had them and does not read the table any more
 * @param rows how many the last load read
 * @param filter where the rows were read later than the slot begins, all at once: which events the load has already seen
 * @param loading the load that is under way
 * @param halted why its changes are discarded
 * @param request the last operator's request that was taken up
 */
public record TableState(
        TableId table,
        int epoch,
        long oid,
        List<String> key,
        List<String> services,
        List<String> former,
        long rows,
        @Nullable Filter filter,
        @Nullable Loading loading,
        @Nullable Halted halted,
        @Nullable String request) {

    public TableState {
        Objects.requireNonNull(table, "table");
        key = List.copyOf(key);
        services = List.copyOf(services);
        former = List.copyOf(former);
    }

    /** A table of which nothing is known yet. */
    public static TableState unread(TableId table, int epoch, long oid, List<String> key) {
        return new TableState(table, epoch, oid, key, List.of(), List.of(), 0, null, null, null, null);
    }

    /**
     * Events of transactions that are visible in this snapshot are part of the load.
     *
     * @param snapshot as {@code pg_current_snapshot()} writes it
     * @param until no transaction that ends after this is visible there
     */
    public record Filter(String snapshot, long until) {}

    /** @param position the boundary up to which its changes were published */
    public record Halted(String code, String problem, String remedy, long position) {}

    public boolean isHalted() {
        return halted != null;
    }

    /** Whether somebody has all of its rows and nothing is under way. */
    public boolean isComplete() {
        return halted == null && loading == null && !services.isEmpty();
    }

    /** Whether what it was loaded with has been passed by the stream; until then a session's memory holds what to drop. */
    public boolean isSettled(long boundary) {
        return filter == null || Long.compareUnsigned(boundary, filter.until()) >= 0;
    }

    public TableState withLoading(Loading next) {
        return new TableState(table, epoch, oid, key, services, former, rows, filter, next, null, request);
    }

    /** The load is over: those it was for have every row. */
    public TableState loaded(long read, @Nullable Filter seen) {
        Loading over = Objects.requireNonNull(loading, "loading");
        List<String> complete = new ArrayList<>(services);
        over.services().stream().filter(service -> !complete.contains(service)).forEach(complete::add);
        List<String> gone = new ArrayList<>(former);
        gone.removeAll(complete);
        return new TableState(table, epoch, oid, key, complete, gone, read, seen, null, null, request);
    }

    /** The load is given up; those who had the rows before have them still. */
    public TableState withoutLoading() {
        return new TableState(table, epoch, oid, key, services, former, rows, filter, null, halted, request);
    }

    /** Nobody's rows are those of the table any more, until it is read again. */
    public TableState unlikeEveryReader() {
        return new TableState(
                table, epoch, oid, key, List.of(), withFormer(services), rows, filter, loading, halted, request);
    }

    /** From here on its changes are discarded, so nobody has all of its rows any more. */
    public TableState halted(Halted why) {
        return new TableState(table, epoch, oid, key, List.of(), withFormer(services), rows, null, null, why, request);
    }

    public TableState withRequest(String taken) {
        return new TableState(table, epoch, oid, key, services, former, rows, filter, loading, halted, taken);
    }

    /** Only these read it now. Who comes back later lacks what happened meanwhile, and may have rows that are gone by then. */
    public TableState readBy(List<String> readers) {
        List<String> staying = services.stream().filter(readers::contains).toList();
        List<String> going =
                services.stream().filter(service -> !readers.contains(service)).toList();
        Loading still = loading;
        if (still != null && !readers.containsAll(still.services())) {
            List<String> gone = still.services().stream()
                    .filter(service -> !readers.contains(service))
                    .toList();
            going = new ArrayList<>(going);
            going.addAll(gone);
            List<String> left =
                    still.services().stream().filter(readers::contains).toList();
            still = left.isEmpty() ? null : still.forServices(left);
        }
        return new TableState(table, epoch, oid, key, staying, withFormer(going), rows, filter, still, halted, request);
    }

    private List<String> withFormer(List<String> more) {
        List<String> all = new ArrayList<>(former);
        more.stream().filter(service -> !all.contains(service)).forEach(all::add);
        return all;
    }
}

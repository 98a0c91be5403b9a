package io.sluice.source.mongo;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of one collection.
 *
 * @param uuid the same as long as it is the same collection
 * @param services who has all of its documents: one that reads it since later has not
 * @param former who once had them, and may hold some that are gone by now
 * @param rows how many the last load read
 * @param horizon no document of it was read as of a later cluster time; up to here events are not taken at their word
 * @param loading the load that is under way
 * @param halted why its changes are discarded
 * @param request the last operator's request that was taken up
 */
record CollectionState(
        TableId table,
        String uuid,
        List<String> services,
        List<String> former,
        long rows,
        long horizon,
        @Nullable Load loading,
        @Nullable Halted halted,
        @Nullable String request) {

    CollectionState {
        Objects.requireNonNull(table, "table");
        services = List.copyOf(services);
        former = List.copyOf(former);
    }

    /**
     * A load under way.
     *
     * @param name no two loads of a collection have the same
     * @param sweep whether rows that it does not see are to go
     * @param services whom it is for
     * @param lastId up to which id it is stored, in extended JSON; null before the first
     */
    record Load(String name, boolean sweep, List<String> services, @Nullable String lastId, long rows) {

        Load {
            services = List.copyOf(services);
        }

        Load read(@Nullable String upTo, long more) {
            return new Load(name, sweep, services, upTo, rows + more);
        }

        Load forServices(List<String> left) {
            return new Load(name, sweep, left, lastId, rows);
        }

        /** Whether something of it was published, its begin above all. */
        boolean hasBegun() {
            return lastId != null;
        }
    }

    /** @param position the cluster time up to which its changes were published */
    record Halted(String code, String problem, String remedy, long position) {

        HaltException cause(TableId table) {
            return new HaltException(code, problem, "collection " + table, remedy);
        }
    }

    /** A collection of which nobody has anything. */
    static CollectionState unread(TableId table, String uuid) {
        return new CollectionState(table, uuid, List.of(), List.of(), 0, 0, null, null, null);
    }

    /** A new epoch begins: nobody has its documents any more, whoever had some may hold what is gone. */
    CollectionState inNewEpoch(String nowUuid) {
        return new CollectionState(table, nowUuid, List.of(), everybody(), 0, 0, null, null, request);
    }

    boolean isHalted() {
        return halted != null;
    }

    CollectionState withLoading(Load load) {
        return new CollectionState(table, uuid, services, former, rows, horizon, load, halted, request);
    }

    /** The load is over: those it was for have every document. */
    CollectionState loaded() {
        Load over = Objects.requireNonNull(loading, "loading");
        List<String> complete = new ArrayList<>(services);
        over.services().stream().filter(service -> !complete.contains(service)).forEach(complete::add);
        List<String> gone = new ArrayList<>(former);
        gone.removeAll(complete);
        return new CollectionState(table, uuid, complete, gone, over.rows(), horizon, null, halted, request);
    }

    CollectionState readAsOf(long time) {
        return ClusterTime.isAfter(time, horizon)
                ? new CollectionState(table, uuid, services, former, rows, time, loading, halted, request)
                : this;
    }

    /** From here on its changes are discarded, so nobody has all of its documents any more. */
    CollectionState halted(Halted why) {
        return new CollectionState(table, uuid, List.of(), everybody(), rows, horizon, null, why, request);
    }

    /** It is read again, as an operator asked: those who had every document lose none meanwhile. */
    CollectionState again(String nowUuid, Load load, String taken) {
        return new CollectionState(table, nowUuid, services, former, rows, horizon, load, null, taken);
    }

    /** The load is given up; those who had the documents before have them still. */
    CollectionState withoutLoading() {
        return new CollectionState(table, uuid, services, former, rows, horizon, null, halted, request);
    }

    CollectionState withRequest(String taken) {
        return new CollectionState(table, uuid, services, former, rows, horizon, loading, halted, taken);
    }

    /** Only these read it now. Who comes back later lacks what happened meanwhile, and may have documents that are gone. */
    CollectionState readBy(List<String> readers) {
        List<String> left = new ArrayList<>(services);
        left.retainAll(readers);
        List<String> gone = new ArrayList<>(everybody());
        gone.removeAll(left);
        return new CollectionState(table, uuid, left, gone, rows, horizon, loadFor(readers), halted, request);
    }

    private @Nullable Load loadFor(List<String> readers) {
        if (loading == null) {
            return null;
        }
        List<String> staying =
                loading.services().stream().filter(readers::contains).toList();
        return staying.isEmpty() ? null : loading.forServices(staying);
    }

    /** Whoever got anything of it, also of a load that is not over. */
    List<String> everybody() {
        List<String> all = new ArrayList<>(former);
        services.stream().filter(service -> !all.contains(service)).forEach(all::add);
        if (loading != null) {
            loading.services().stream()
                    .filter(service -> !all.contains(service))
                    .forEach(all::add);
        }
        return all;
    }
}

package io.sluice.sink.parking;

import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.parking.ParkedTable.Place;
import io.sluice.sink.parking.ParkedTable.Settled;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one transaction changes about the held records: first collected, then checked against the limits and written, and told to
 * the index once it is committed.
 */
final class Holding {

    private final ParkedIndex index;
    private final Map<RowPartition, Claim> claims;
    private final List<Held> added = new ArrayList<>();
    private final List<Removed> removed = new ArrayList<>();
    private final List<Resettled> settled = new ArrayList<>();

    private final List<Held> told = new ArrayList<>();

    private record Removed(ParkedKey key, long offset) {}

    private record Resettled(ParkedKey key, ParkedIndex.Entry entry, HoldReason why) {}

    Holding(ParkedIndex index, Map<RowPartition, Claim> claims) {
        this.index = index;
        this.claims = claims;
    }

    void add(Held held) {
        added.add(held);
    }

    void remove(ParkedKey key, long offset) {
        removed.add(new Removed(key, offset));
    }

    void removeAll(ParkedKey key) {
        index.entries(key).forEach(entry -> remove(key, entry.offset()));
    }

    void settle(ParkedKey key, ParkedIndex.Entry entry, HoldReason why) {
        settled.add(new Resettled(key, entry, why));
    }

    void told(Held letter) {
        told.add(letter);
    }

    Place place(ParkedKey key, long offset) {
        return new Place(topicId(key.partition()), key.partition().partition(), offset);
    }

    private String topicId(RowPartition partition) {
        Claim claim = claims.get(partition);
        if (claim == null) {
            throw new IllegalStateException("no claim on " + partition);
        }
        return claim.topicId();
    }

    /** @throws io.sluice.platform.error.HaltException if that is too much */
    void write(Connection connection, ParkedTable table) throws SQLException {
        checkLimits();
        checkRefused();
        table.delete(
                connection,
                removed.stream().map(each -> place(each.key(), each.offset())).toList());
        table.settle(
                connection,
                settled.stream()
                        .map(each -> new Settled(place(each.key(), each.entry().offset()), each.why()))
                        .toList());
        table.insert(connection, added, this::topicId);
    }

    private void checkLimits() {
        checkLimit(false);
        checkLimit(true);
    }

    private void checkLimit(boolean waiting) {
        Map<RowPartition, int[]> records = new HashMap<>();
        Map<RowPartition, long[]> bytes = new HashMap<>();
        for (Held held : added) {
            if (waiting == (held.state() == HoldState.WAITING)) {
                records.computeIfAbsent(held.partition(), of -> new int[1])[0]++;
                bytes.computeIfAbsent(held.partition(), of -> new long[1])[0] += held.size();
            }
        }
        records.forEach((partition, count) ->
                index.admit(partition, waiting, count[0], bytes.getOrDefault(partition, new long[1])[0]));
    }

    private void checkRefused() {
        Map<RowPartition, Set<Long>> refused = new HashMap<>();
        Map<RowPartition, String> problems = new HashMap<>();
        for (Held held : added) {
            if (held.state() == HoldState.REFUSED) {
                refused.computeIfAbsent(held.partition(), of -> new HashSet<>()).add(held.offset());
                problems.put(held.partition(), held.problem());
            }
        }
        for (Resettled each : settled) {
            if (each.why().state() == HoldState.REFUSED && each.entry().state() == HoldState.WAITING) {
                RowPartition partition = each.key().partition();
                refused.computeIfAbsent(partition, of -> new HashSet<>())
                        .add(each.entry().offset());
                problems.put(partition, each.why().problem());
            }
        }
        refused.forEach((partition, offsets) -> {
            for (long offset : offsets) {
                if (!index.admitsRefused(partition, offset, offsets)) {
                    throw Parking.tooMany(index.limits(), partition, problems.getOrDefault(partition, ""));
                }
            }
        });
    }

    void triedAgain(ParkedKey key) {
        index.tried(key);
    }

    /** The transaction is committed. */
    void committed(long nowNanos) {
        told.forEach(letter -> index.told(letter.key(), letter.offset()));
        removed.forEach(each -> index.remove(each.key(), each.offset()));
        for (Resettled each : settled) {
            ParkedIndex.Entry before = each.entry();
            index.put(
                    each.key(),
                    new ParkedIndex.Entry(
                            before.offset(), before.size(), each.why().state(), before.relayed()),
                    nowNanos);
        }
        for (Held held : added) {
            index.put(held.key(), new ParkedIndex.Entry(held.offset(), held.size(), held.state(), false), nowNanos);
        }
    }
}

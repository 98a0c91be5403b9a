package io.sluice.sink.parking;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.sink.ledger.Claim;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of a strong service that an operator has set aside, each whole: their records stand in {@code sluice.parked}, and no
 * later transaction may touch a row of theirs. Its methods work in the transaction that the caller has begun; what they did is known
 * here once the caller says that it is committed. Belongs to one thread.
 */
public final class SetAside {

    private final String pipeline;
    private final String service;
    private final DeadLettersSpec limits;
    private final ParkedTable table;
    private final NavigableMap<Long, Kept> kept = new TreeMap<>();
    private final Map<RowKey, Integer> keys = new HashMap<>();
    private final TreeSet<Long> untold = new TreeSet<>();
    private long bytes;

    /** A row, as the records of one topic name it. */
    public record RowKey(Bytes table, Bytes key) {

        /** Null where the record is of no row. */
        public static @Nullable RowKey of(ConsumerRecord<byte[], byte @Nullable []> record) {
            Header table = record.headers().lastHeader(TargetHeader.NAME);
            return record.key() == null || table == null
                    ? null
                    : new RowKey(Bytes.wrap(table.value()), ParkedKey.withoutSchema(record.key()));
        }
    }

    private record Kept(RowKey key, int size) {}

    public SetAside(String pipeline, String service, String clusterId, DeadLettersSpec limits) {
        this.pipeline = pipeline;
        this.service = service;
        this.limits = limits;
        this.table = new ParkedTable(pipeline, service, clusterId);
    }

    /** Learns what was set aside before. */
    public void learn(Connection connection, Claim claim) throws SQLException {
        kept.clear();
        keys.clear();
        untold.clear();
        bytes = 0;
        Map<Long, ParkedIndex.Entry> entries = new HashMap<>();
        table.each(connection, List.of(claim), (key, entry) -> entries.put(entry.offset(), entry));
        for (Held held : table.read(connection, places(claim, entries.keySet()))) {
            ParkedIndex.Entry entry = entries.get(held.offset());
            keep(held, entry == null || entry.isUntold());
        }
    }

    private void keep(Held held, boolean isUntold) {
        RowKey key = RowKey.of(held.record());
        if (key != null) {
            kept.put(held.offset(), new Kept(key, held.size()));
            keys.merge(key, 1, Integer::sum);
            bytes += held.size();
        }
        if (isUntold) {
            untold.add(held.offset());
        }
    }

    private static List<ParkedTable.Place> places(Claim claim, Collection<Long> offsets) {
        return offsets.stream()
                .map(offset ->
                        new ParkedTable.Place(claim.topicId(), claim.partition().partition(), offset))
                .toList();
    }

    public boolean isEmpty() {
        return kept.isEmpty();
    }

    public int size() {
        return kept.size();
    }

    /** Whether a transaction that was set aside would have changed this row. */
    public boolean holds(@Nullable RowKey key) {
        return key != null && keys.containsKey(key);
    }

    /** Whether an operator wants this transaction set aside. */
    public boolean isAsked(Connection connection, String transaction, String position) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT FROM sluice.set_aside WHERE pipeline = ? AND "
                        + "service = ? AND transaction = ? AND position = ? AND done_at IS NULL")) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, transaction);
            query.setString(4, position);
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    /**
     * Keeps the records of a transaction, and that it was done.
     *
     * @param held its rows, all of them
     */
    public void put(Connection connection, Claim claim, String transaction, String position, List<Held> held)
            throws SQLException {
        long more = held.stream().mapToLong(Held::size).sum();
        if (kept.size() + held.size() > limits.parked() || bytes + more > limits.parkedBytes()) {
            throw new HaltException(
                    "PARKED_FULL",
                    "with the " + held.size() + " records of transaction " + transaction + " more than "
                            + limits.parked() + " records, or " + limits.parkedBytes()
                            + " bytes of them, would be set aside",
                    claim.partition().toString(),
                    "Read the tables of what is set aside again (`sluice backfill`), which settles it; or raise "
                            + "`dead-letters: {parked: …, parked-size: …}` of the service.");
        }
        table.insert(connection, held, partition -> claim.topicId());
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE sluice.set_aside SET records = ?, code = ?, "
                        + "problem = ?, done_at = now() WHERE pipeline = ? AND service = ? AND transaction = ? AND position = ?")) {
            update.setInt(1, held.size());
            update.setString(2, held.get(0).code());
            update.setString(3, held.get(0).problem());
            update.setString(4, pipeline);
            update.setString(5, service);
            update.setString(6, transaction);
            update.setString(7, position);
            update.executeUpdate();
        }
    }

    /** What was put is committed. */
    public void committed(List<Held> held) {
        held.forEach(each -> keep(each, true));
    }

    /** The records that something newer settles. */
    public List<Long> settledBy(BiPredicate<RowKey, Long> settles) {
        List<Long> settled = new ArrayList<>();
        kept.forEach((offset, record) -> {
            if (settles.test(record.key(), offset)) {
                settled.add(offset);
            }
        });
        return settled;
    }

    public void remove(Connection connection, Claim claim, List<Long> offsets) throws SQLException {
        table.delete(connection, places(claim, offsets));
    }

    /** What was removed is committed. */
    public void removed(List<Long> offsets) {
        for (long offset : offsets) {
            Kept record = kept.remove(offset);
            untold.remove(offset);
            if (record != null) {
                bytes -= record.size();
                keys.computeIfPresent(record.key(), (key, count) -> count > 1 ? count - 1 : null);
            }
        }
    }

    public boolean hasUntold() {
        return !untold.isEmpty();
    }

    /** Some of the records that no letter tells of yet. */
    public List<Held> untold(Connection connection, Claim claim, int most) throws SQLException {
        return table.read(connection, places(claim, untold.stream().limit(most).toList()));
    }

    public void told(Connection connection, Claim claim, List<Held> letters) throws SQLException {
        table.relayed(
                connection, places(claim, letters.stream().map(Held::offset).toList()));
    }

    /** That these were told is committed. */
    public void told(List<Held> letters) {
        letters.forEach(letter -> untold.remove(letter.offset()));
    }
}

package io.sluice.sink.consume;

import io.sluice.sink.batch.RowPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Records that were polled and are not yet applied. Bounded by its owner, who polls no more while it is full. */
final class Backlog {

    private final Map<RowPartition, Deque<ConsumerRecord<byte[], byte[]>>> records = new LinkedHashMap<>();
    private final Map<RowPartition, Long> ends = new HashMap<>();
    private int size;
    private long bytes;

    /**
     * The front of each partition's records.
     *
     * @param ends the position of each partition once these are applied
     */
    record Slice(Map<RowPartition, List<ConsumerRecord<byte[], byte[]>>> records, Map<RowPartition, Long> ends) {

        int size() {
            return records.values().stream().mapToInt(List::size).sum();
        }

        long bytes() {
            return records.values().stream()
                    .flatMap(List::stream)
                    .mapToLong(Backlog::bytes)
                    .sum();
        }
    }

    /** @param end the partition's position after these, markers behind them included */
    void add(RowPartition partition, Collection<ConsumerRecord<byte[], byte[]>> polled, long end) {
        records.computeIfAbsent(partition, of -> new ArrayDeque<>()).addAll(polled);
        ends.put(partition, end);
        size += polled.size();
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            bytes += bytes(record);
        }
    }

    /** As many as these limits allow, and at least one. */
    Slice slice(int mostRecords, long mostBytes) {
        Map<RowPartition, List<ConsumerRecord<byte[], byte[]>>> taken = new LinkedHashMap<>();
        Map<RowPartition, Long> takenEnds = new HashMap<>();
        int count = 0;
        long weight = 0;
        for (Map.Entry<RowPartition, Deque<ConsumerRecord<byte[], byte[]>>> each : records.entrySet()) {
            List<ConsumerRecord<byte[], byte[]>> front =
                    new ArrayList<>(each.getValue().size());
            for (ConsumerRecord<byte[], byte[]> record : each.getValue()) {
                weight += bytes(record);
                if (count > 0 && (count >= mostRecords || weight > mostBytes)) {
                    break;
                }
                front.add(record);
                count++;
            }
            if (front.size() == each.getValue().size()) {
                taken.put(each.getKey(), front);
                takenEnds.put(each.getKey(), ends.get(each.getKey()));
            } else {
                if (!front.isEmpty()) {
                    taken.put(each.getKey(), front);
                    takenEnds.put(each.getKey(), front.get(front.size() - 1).offset() + 1);
                }
                break;
            }
        }
        return new Slice(taken, takenEnds);
    }

    /** One partition's records, in their order. */
    Collection<ConsumerRecord<byte[], byte[]>> of(RowPartition partition) {
        Collection<ConsumerRecord<byte[], byte[]>> of = records.get(partition);
        return of == null ? List.of() : Collections.unmodifiableCollection(of);
    }

    /** The first so many records of one partition. */
    Slice first(RowPartition partition, int count) {
        List<ConsumerRecord<byte[], byte[]>> front =
                of(partition).stream().limit(count).toList();
        long end = front.size() == of(partition).size()
                ? ends.get(partition)
                : front.get(front.size() - 1).offset() + 1;
        return new Slice(Map.of(partition, front), Map.of(partition, end));
    }

    /** Forgets what lies before the position: it has been applied. */
    void dropBelow(RowPartition partition, long position) {
        Deque<ConsumerRecord<byte[], byte[]>> of = records.get(partition);
        if (of == null) {
            return;
        }
        while (!of.isEmpty() && of.peekFirst().offset() < position) {
            ConsumerRecord<byte[], byte[]> dropped = of.removeFirst();
            size--;
            bytes -= bytes(dropped);
        }
        if (of.isEmpty()) {
            records.remove(partition);
            ends.remove(partition);
        }
    }

    void drop(RowPartition partition) {
        dropBelow(partition, Long.MAX_VALUE);
    }

    void clear() {
        records.clear();
        ends.clear();
        size = 0;
        bytes = 0;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    long bytes() {
        return bytes;
    }

    static long bytes(ConsumerRecord<byte[], byte[]> record) {
        return Math.max(0, record.serializedKeySize()) + (long) Math.max(0, record.serializedValueSize());
    }
}

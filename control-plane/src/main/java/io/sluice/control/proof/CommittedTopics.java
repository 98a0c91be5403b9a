package io.sluice.control.proof;

import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.codec.RecordHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A reader of topics as a committed reader sees them. Belongs to one thread. */
final class CommittedTopics implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final int MOST_EMPTY_POLLS = 5;

    private final KafkaConsumer<byte[], byte[]> committed;
    private final KafkaConsumer<byte[], byte[]> uncommitted;

    CommittedTopics(KafkaConnection kafka) {
        this.committed = consumer(kafka.consumer());
        Map<String, Object> properties = new HashMap<>(kafka.consumer());
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        this.uncommitted = consumer(properties);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> properties) {
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * Where each partition of these topics ends now. Not the end that a reader of committed records is told: that one lies before
     * the records of a transaction that has been committed and whose markers are still on their way.
     */
    Map<TopicPartition, Long> ends(Collection<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            for (PartitionInfo info : uncommitted.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, info.partition()));
            }
        }
        return uncommitted.endOffsets(partitions);
    }

    /**
     * What stands in each partition between these offsets; partitions in which no committed record stands, nor may yet, are left
     * out. Between the last record and the end there may be nothing but transaction markers, which no reader's offset has to pass.
     *
     * @param most about how many records are read to be counted; the first of each partition always is
     */
    Map<TopicPartition, Waiting> waiting(Map<TopicPartition, Long> from, Map<TopicPartition, Long> ends, int most) {
        Map<TopicPartition, Tally> open = new HashMap<>();
        from.forEach((partition, offset) -> {
            long end = ends.getOrDefault(partition, 0L);
            if (offset < end) {
                open.put(partition, new Tally(offset, end));
            }
        });
        Map<TopicPartition, Waiting> found = new HashMap<>();
        committed.assign(open.keySet());
        open.forEach((partition, tally) -> committed.seek(partition, tally.position));
        int read = 0;
        int emptyPolls = 0;
        while (!open.isEmpty()) {
            ConsumerRecords<byte[], byte[]> polled = committed.poll(POLL);
            boolean moved = false;
            for (Map.Entry<TopicPartition, Tally> each : new ArrayList<>(open.entrySet())) {
                TopicPartition partition = each.getKey();
                Tally tally = each.getValue();
                polled.records(partition).forEach(tally::add);
                read += polled.records(partition).size();
                moved |= tally.moveTo(committed.position(partition));
                if (tally.isThrough() || (tally.records > 0 && read >= most)) {
                    open.remove(partition);
                    committed.pause(List.of(partition));
                    put(found, partition, tally);
                }
            }
            emptyPolls = moved ? 0 : emptyPolls + 1;
            if (emptyPolls >= MOST_EMPTY_POLLS) {
                // A transaction is open there; what it holds is not known yet.
                open.forEach((partition, tally) -> put(found, partition, tally));
                break;
            }
        }
        return found;
    }

    private static void put(Map<TopicPartition, Waiting> found, TopicPartition partition, Tally tally) {
        Waiting waiting = tally.waiting();
        if (waiting.records() > 0) {
            found.put(partition, waiting);
        }
    }

    /** What was met of one partition. */
    private static final class Tally {

        private final long end;
        private long position;
        private long records;
        private OptionalLong oldestMicros = OptionalLong.empty();

        Tally(long from, long end) {
            this.position = from;
            this.end = end;
        }

        void add(ConsumerRecord<byte[], byte[]> record) {
            if (record.offset() >= end) {
                return;
            }
            records++;
            if (oldestMicros.isEmpty()) {
                oldestMicros = OptionalLong.of(committedMicros(record));
            }
        }

        /** A marker of a load says nothing of when: then it is as old as its record. */
        private static long committedMicros(ConsumerRecord<byte[], byte[]> record) {
            Header header = record.headers().lastHeader(RecordHeaders.COMMITTED_AT);
            if (header != null && header.value() != null) {
                try {
                    return Long.parseLong(new String(header.value(), StandardCharsets.US_ASCII));
                } catch (NumberFormatException e) {
                    return record.timestamp() * 1_000;
                }
            }
            return record.timestamp() * 1_000;
        }

        boolean moveTo(long now) {
            boolean moved = now > position;
            position = now;
            return moved;
        }

        boolean isThrough() {
            return position >= end;
        }

        Waiting waiting() {
            return new Waiting(records + Math.max(0, end - position), isThrough(), oldestMicros);
        }
    }

    @Override
    public void close() {
        committed.close();
        uncommitted.close();
    }
}

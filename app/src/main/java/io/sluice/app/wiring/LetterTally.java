package io.sluice.app.wiring;

import io.sluice.control.status.ServiceStatus.ByCause;
import io.sluice.control.status.ServiceStatus.Letters;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.platform.kafka.KafkaConnection;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Counts a service's dead letters by their causes; each look reads only what is new. Belongs to one thread. */
final class LetterTally implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final int MOST_EMPTY_POLLS = 20;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final TopicPartition topic;
    private final int most;
    private final Map<Cause, Long> counts = new HashMap<>();
    /** A letter of a sink may be there twice. */
    private final Set<HeldRows.Place> places = new HashSet<>();

    private boolean begun;
    private boolean exact = true;

    private record Cause(String stage, String reason, String code, String rule) {}

    /** @param most of the latest that are counted; of earlier ones only that there are some */
    LetterTally(KafkaConnection kafka, String topic, int most) {
        this.consumer = new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.topic = new TopicPartition(topic, 0);
        this.most = most;
    }

    Letters read() {
        List<TopicPartition> all = List.of(topic);
        long begin = consumer.beginningOffsets(all).getOrDefault(topic, 0L);
        long end = consumer.endOffsets(all).getOrDefault(topic, 0L);
        if (!begun) {
            begun = true;
            consumer.assign(all);
            consumer.seek(topic, Math.max(begin, end - most));
            exact = end - begin <= most;
        } else if (consumer.position(topic) < begin) {
            consumer.seek(topic, begin);
        }
        int empty = 0;
        while (consumer.position(topic) < end && empty < MOST_EMPTY_POLLS) {
            long before = consumer.position(topic);
            consumer.poll(POLL).forEach(this::count);
            empty = consumer.position(topic) > before ? 0 : empty + 1;
        }
        List<ByCause> byCause = counts.entrySet().stream()
                .map(each -> new ByCause(
                        each.getKey().stage(),
                        each.getKey().reason(),
                        each.getKey().code(),
                        each.getKey().rule(),
                        each.getValue()))
                .sorted(Comparator.comparingLong(ByCause::count).reversed().thenComparing(ByCause::code))
                .toList();
        return new Letters(byCause.stream().mapToLong(ByCause::count).sum(), exact, byCause);
    }

    private void count(ConsumerRecord<byte[], byte[]> record) {
        DeadLetter.read(record)
                .filter(letter -> places.add(new HeldRows.Place(letter.topic(), letter.partition(), letter.offset())))
                .ifPresent(letter -> {
                    Verdict verdict = letter.verdict();
                    String rule = verdict.rule();
                    counts.merge(
                            new Cause(
                                    verdict.stage(), verdict.reason().text(), verdict.code(), rule == null ? "" : rule),
                            1L,
                            Long::sum);
                });
    }

    @Override
    public void close() {
        consumer.close();
    }
}

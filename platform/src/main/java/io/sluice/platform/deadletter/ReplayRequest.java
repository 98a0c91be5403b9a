package io.sluice.platform.deadletter;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.topic.Partitions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Asks that parked records be tried again, in their order. It stands in the partition of the service's requests that has the number
 * of the key's partition, so whoever reads the one reads the other.
 *
 * @param topic the change topic that the records were read from: {@link DeadLetter#topic}
 * @param key of the records, {@link DeadLetter#key}; null for every key that is parked in that partition
 */
public record ReplayRequest(String topic, @Nullable Bytes key) {

    public static final String REQUEST = "sluice.request";

    private static final String REPLAY = "replay";

    /**
     * The records that ask it.
     *
     * @param requests the topic of the service's requests
     * @param partitions how many the change topic has
     */
    public List<ProducerRecord<byte @Nullable [], byte @Nullable []>> records(String requests, int partitions) {
        Bytes of = key;
        return of == null
                ? IntStream.range(0, partitions)
                        .mapToObj(partition -> record(requests, partition, null))
                        .toList()
                : List.of(record(requests, Partitions.of(of.unsafeArray(), partitions), of.unsafeArray()));
    }

    private ProducerRecord<byte @Nullable [], byte @Nullable []> record(
            String requests, int partition, byte @Nullable [] of) {
        ProducerRecord<byte @Nullable [], byte @Nullable []> record =
                new ProducerRecord<>(requests, partition, of, null);
        record.headers().add(REQUEST, REPLAY.getBytes(StandardCharsets.UTF_8));
        record.headers().add(DeadLetter.TOPIC, topic.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    /** What a record of the requests asks; empty if it is nothing that we know. */
    public static Optional<ReplayRequest> read(Headers headers, byte @Nullable [] key) {
        String topic = text(headers, DeadLetter.TOPIC);
        return topic == null || !REPLAY.equals(text(headers, REQUEST))
                ? Optional.empty()
                : Optional.of(new ReplayRequest(topic, key == null ? null : Bytes.wrap(key)));
    }

    private static @Nullable String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}

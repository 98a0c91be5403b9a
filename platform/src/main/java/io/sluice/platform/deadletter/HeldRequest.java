package io.sluice.platform.deadletter;

import io.sluice.schemas.model.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Asks a sink something of row records that it holds. It names the last record that it is about, so it can be read again at any
 * time: what is held later is none of its business.
 *
 * @param topic the row topic
 * @param key of the records; null for every key of that partition
 * @param upTo the offset of the last record that the asker knew of
 */
public record HeldRequest(Action action, String topic, int partition, @Nullable Bytes key, long upTo) {

    /** What is asked. */
    public enum Action {
        /** That they be tried again, in their order. */
        REPLAY("replay-rows"),
        /** That they be given up: the key goes on with the first change that says all of its row. */
        DISCARD("discard-rows"),
        /** That the source's rows prevail in conflicts. */
        TAKE_SOURCE("take-source"),
        /** That the target's rows prevail in conflicts: what waits for a decision is given up. */
        TAKE_TARGET("take-target");

        private final String text;

        Action(String text) {
            this.text = text;
        }

        /** Whether it is about conflicts, and about nothing else that is held. */
        public boolean decides() {
            return this == TAKE_SOURCE || this == TAKE_TARGET;
        }
    }

    /** @param requests the topic of the service's requests */
    public ProducerRecord<byte @Nullable [], byte @Nullable []> record(String requests) {
        Bytes of = key;
        ProducerRecord<byte @Nullable [], byte @Nullable []> record =
                new ProducerRecord<>(requests, 0, of == null ? null : of.unsafeArray(), null);
        add(record.headers(), ReplayRequest.REQUEST, action.text);
        add(record.headers(), DeadLetter.TOPIC, topic);
        add(record.headers(), DeadLetter.PARTITION, Integer.toString(partition));
        add(record.headers(), DeadLetter.OFFSET, Long.toString(upTo));
        return record;
    }

    private static void add(Headers headers, String name, String text) {
        headers.add(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** What a record of the requests asks of sinks; empty if nothing. */
    public static Optional<HeldRequest> read(Headers headers, byte @Nullable [] key) {
        String topic = text(headers, DeadLetter.TOPIC);
        String partition = text(headers, DeadLetter.PARTITION);
        String offset = text(headers, DeadLetter.OFFSET);
        Action action = null;
        for (Action each : Action.values()) {
            action = each.text.equals(text(headers, ReplayRequest.REQUEST)) ? each : action;
        }
        if (action == null || topic == null || partition == null || offset == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new HeldRequest(
                    action,
                    topic,
                    Integer.parseInt(partition),
                    key == null ? null : Bytes.wrap(key),
                    Long.parseLong(offset)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}

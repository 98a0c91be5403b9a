package io.sluice.platform.deadletter;

import io.sluice.schemas.model.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A record that could not go on.
 *
 * @param topic where it was read
 * @param key its bytes, as they were
 * @param value its bytes, as they were
 * @param headers its own, without those that say why it is here
 */
public record DeadLetter(
        String topic,
        int partition,
        long offset,
        Verdict verdict,
        @Nullable Bytes key,
        @Nullable Bytes value,
        Headers headers) {

    public static final String PREFIX = "sluice.dead.";
    public static final String STAGE = PREFIX + "stage";
    public static final String REASON = PREFIX + "reason";
    public static final String CODE = PREFIX + "code";
    public static final String PROBLEM = PREFIX + "problem";
    public static final String RULE = PREFIX + "rule";
    public static final String POSITION = PREFIX + "position";
    public static final String TOPIC = PREFIX + "topic";
    public static final String PARTITION = PREFIX + "partition";
    public static final String OFFSET = PREFIX + "offset";

    /** The headers of the letter: the record's own, in their order, and behind them what is said of it. */
    public Headers letterHeaders() {
        Headers all = own(headers);
        add(all, STAGE, verdict.stage());
        add(all, REASON, verdict.reason().text());
        add(all, CODE, verdict.code());
        add(all, PROBLEM, verdict.problem());
        add(all, RULE, verdict.rule());
        add(all, POSITION, verdict.position());
        add(all, TOPIC, topic);
        add(all, PARTITION, Integer.toString(partition));
        add(all, OFFSET, Long.toString(offset));
        return all;
    }

    private static void add(Headers headers, String name, @Nullable String text) {
        if (text != null) {
            headers.add(name, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** A letter that was put back into a change topic and failed again says only why it failed last. */
    private static Headers own(Headers given) {
        Headers own = new RecordHeaders();
        for (Header header : given) {
            if (!header.key().startsWith(PREFIX)) {
                own.add(header);
            }
        }
        return own;
    }

    /** The letter that this record of a dead-letter topic is; empty if it is none of ours. */
    public static Optional<DeadLetter> read(ConsumerRecord<byte[], byte[]> letter) {
        Headers headers = letter.headers();
        String stage = text(headers, STAGE);
        Reason reason = reason(text(headers, REASON));
        String topic = text(headers, TOPIC);
        String partition = text(headers, PARTITION);
        String offset = text(headers, OFFSET);
        if (stage == null || reason == null || topic == null || partition == null || offset == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new DeadLetter(
                    topic,
                    Integer.parseInt(partition),
                    Long.parseLong(offset),
                    new Verdict(
                            stage,
                            reason,
                            orEmpty(text(headers, CODE)),
                            orEmpty(text(headers, PROBLEM)),
                            text(headers, RULE),
                            text(headers, POSITION)),
                    bytes(letter.key()),
                    bytes(letter.value()),
                    own(headers)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static @Nullable Bytes bytes(byte @Nullable [] content) {
        return content == null ? null : Bytes.wrap(content);
    }

    private static @Nullable Reason reason(@Nullable String text) {
        for (Reason each : Reason.values()) {
            if (each.text().equals(text)) {
                return each;
            }
        }
        return null;
    }

    private static @Nullable String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}

package io.sluice.transform.topology;

import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.schemas.model.Bytes;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Records that did not go through, as letters. */
final class LetterOutput {

    private final String topic;
    private final TransformMeters meters;

    LetterOutput(String topic, TransformMeters meters) {
        this.topic = topic;
        this.meters = meters;
    }

    Record<RoutedKey, byte @Nullable []> record(
            Record<byte @Nullable [], byte @Nullable []> record, Place place, Verdict verdict) {
        DeadLetter letter = new DeadLetter(
                place.topic(),
                place.partition(),
                place.offset(),
                verdict,
                bytes(record.key()),
                bytes(record.value()),
                record.headers());
        meters.deadLetter(verdict.reason());
        return new Record<>(
                RoutedKey.toFirstPartition(topic, record.key()),
                record.value(),
                record.timestamp(),
                letter.letterHeaders());
    }

    private static @Nullable Bytes bytes(byte @Nullable [] content) {
        return content == null ? null : Bytes.wrap(content);
    }
}

package io.sluice.platform.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLetterTest {

    private static final Verdict BROKEN = new Verdict(
            Verdict.TRANSFORM, Reason.RULE, "RULE_BROKEN", "the row breaks a rule — kürzer", "cost", "1/ff/2");

    private static DeadLetter letter(Verdict verdict, @Nullable Bytes key, @Nullable Bytes value, Headers headers) {
        return new DeadLetter("p.s.changes", 4, 77, verdict, key, value, headers);
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] key, byte[] value, Headers headers) {
        return new ConsumerRecord<>(
                "p.s.dead-letters",
                0,
                0,
                0,
                TimestampType.LOG_APPEND_TIME,
                0,
                0,
                key,
                value,
                headers,
                Optional.empty());
    }

    private static Headers headers(String... namesAndValues) {
        Headers headers = new RecordHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1].getBytes(StandardCharsets.UTF_8));
        }
        return headers;
    }

    @Test
    void whatWasWrittenIsRead() {
        DeadLetter written = letter(
                BROKEN,
                Bytes.wrap(new byte[] {1}),
                Bytes.wrap(new byte[] {2, 3}),
                headers("a", "1", "b", "2", "a", "3"));

        DeadLetter read = DeadLetter.read(record(new byte[] {1}, new byte[] {2, 3}, written.letterHeaders()))
                .orElseThrow();

        assertThat(read.verdict()).isEqualTo(BROKEN);
        assertThat(read.topic()).isEqualTo("p.s.changes");
        assertThat(read.partition()).isEqualTo(4);
        assertThat(read.offset()).isEqualTo(77);
        assertThat(read.key()).isEqualTo(written.key());
        assertThat(read.value()).isEqualTo(written.value());
        assertThat(read.headers()).extracting(Header::key).containsExactly("a", "b", "a");
    }

    @Test
    void whatIsAbsentStaysAbsent() {
        Verdict verdict = new Verdict(Verdict.SINK, Reason.REFUSED, "23514", "a check refuses the row", null, null);
        DeadLetter written = letter(verdict, null, null, new RecordHeaders());

        assertThat(written.letterHeaders())
                .extracting(Header::key)
                .doesNotContain(DeadLetter.RULE, DeadLetter.POSITION);
        assertThat(DeadLetter.read(record(null, null, written.letterHeaders())).map(DeadLetter::verdict))
                .contains(verdict);
    }

    @Test
    void aLetterThatFailsAgainSaysOnlyWhyItFailedLast() {
        Headers first = letter(BROKEN, null, null, headers("own", "x")).letterHeaders();
        Verdict later = new Verdict(Verdict.TRANSFORM, Reason.UNREADABLE, "RECORD_UNREADABLE", "cut", null, null);

        Headers again = letter(later, null, null, first).letterHeaders();

        assertThat(again.headers(DeadLetter.CODE)).hasSize(1);
        assertThat(again.lastHeader(DeadLetter.RULE)).isNull();
        assertThat(again.lastHeader("own")).isNotNull();
    }

    @Test
    void aStrangersRecordIsNoLetter() {
        assertThat(DeadLetter.read(record(new byte[] {1}, null, headers("x", "y"))))
                .isEmpty();
        Headers misspelt = letter(BROKEN, null, null, new RecordHeaders()).letterHeaders();
        misspelt.remove(DeadLetter.OFFSET).add(DeadLetter.OFFSET, new byte[] {'x'});
        assertThat(DeadLetter.read(record(null, null, misspelt))).isEmpty();
    }
}

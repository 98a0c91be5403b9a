package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.topic.Names;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is stored of a source is lost or written to by somebody else. */
class StateFaultIT {

    @Test
    void aRemovedOffsetHalts() throws Exception {
        halts("[\"offset\"]", null, "OFFSET_LOST");
    }

    @Test
    void aCorruptOffsetHalts() throws Exception {
        halts("[\"offset\"]", "{\"lsn", "SOURCE_STATE_CORRUPT");
        halts("[\"offset\"]", "{\"lsn_commit\": \"soon\", \"ts_usec\": 1}", "SOURCE_STATE_CORRUPT");
    }

    @Test
    void aRecordOfSomebodyElseHalts() throws Exception {
        halts("[\"notes\"]", "{}", "SOURCE_STATE_CORRUPT");
    }

    @Test
    void anOffsetThatWasSetBackHaltsOnceTheSlotIsPastIt() throws Exception {
        try (Capture capture = captured()) {
            write(capture, "[\"offset\"]", "{\"lsn\": 1, \"lsn_commit\": 1, \"ts_usec\": 1}");
            SluiceException cause =
                    Objects.requireNonNull(Capture.awaitHalt(capture.start()).cause());

            assertThat(cause.code()).isEqualTo("SLOT_ADVANCED");
            assertThat(capture.changes("items")).hasSize(1);
        }
    }

    private static void halts(String key, @Nullable String value, String code) throws Exception {
        try (Capture capture = captured()) {
            write(capture, key, value);
            capture.execute("INSERT INTO items VALUES (2)");
            SluiceException cause =
                    Objects.requireNonNull(Capture.awaitHalt(capture.start()).cause());

            assertThat(cause.code()).isEqualTo(code);
            assertThat(cause.place()).isEqualTo("topic " + state(capture));
            assertThat(cause.remedy()).contains("`sluice run FILE --new-epoch shop`");
            assertThat(capture.changes("items")).hasSize(1);
        }
    }

    /** One row has been captured and the source is stopped. */
    private static Capture captured() throws Exception {
        Capture capture = new Capture("state");
        capture.execute("CREATE TABLE items (id int PRIMARY KEY)");
        PostgresSource source = capture.reading("items").start();
        Capture.awaitStreaming(source);
        capture.execute("INSERT INTO items VALUES (1)");
        capture.awaitCaughtUp(source);
        source.close();
        return capture;
    }

    private static void write(Capture capture, String key, @Nullable String value) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(capture.kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(state(capture), 0, bytes(key), value == null ? null : bytes(value)))
                    .get();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String state(Capture capture) {
        return new Names(capture.pipelineName).sourceState(Capture.SOURCE);
    }
}

package io.sluice.platform.intent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.FollowedTopic;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.model.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The topic of intents, and how they are spelt there. */
public final class Intents {

    private static final long PATIENCE_SECONDS = 30;

    private final ObjectMapper json = new ObjectMapper();
    private final String topic;

    public Intents(String topic) {
        this.topic = topic;
    }

    public String topic() {
        return topic;
    }

    /** Has the part paused; returns once Kafka has it. */
    public void pause(KafkaConnection kafka, Part part, String who, String why) throws InterruptedException {
        send(kafka, part, bytes(json.createObjectNode().put("who", who).put("why", why)));
    }

    /** Has it go on. */
    public void resume(KafkaConnection kafka, Part part) throws InterruptedException {
        send(kafka, part, null);
    }

    private void send(KafkaConnection kafka, Part part, byte @Nullable [] value) throws InterruptedException {
        try (KafkaProducer<byte[], byte @Nullable []> producer =
                new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, 0, key(part), value)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new EnvironmentException(
                    "KAFKA_UNAVAILABLE",
                    "Kafka did not take the request: " + e.getClass().getSimpleName(),
                    "topic " + topic,
                    "Check that the brokers run and that `sluice run` has made the pipeline's topics; then ask again.",
                    e);
        }
    }

    private byte[] key(Part part) {
        ArrayNode key = json.createArrayNode()
                .add(part.kind().name().toLowerCase(Locale.ROOT))
                .add(part.name());
        if (part.table() != null) {
            key.add(part.table());
        }
        return bytes(key);
    }

    private static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What is paused, as the topic says it. What nobody can read pauses nothing: it is none of ours. */
    public Map<Part, Pause> read(Map<Bytes, FollowedTopic.Latest> records) {
        Map<Part, Pause> pauses = new LinkedHashMap<>();
        records.forEach(
                (key, latest) -> pause(key.unsafeArray(), latest).ifPresent(pause -> pauses.put(pause.part(), pause)));
        return pauses;
    }

    private Optional<Pause> pause(byte[] key, FollowedTopic.Latest latest) {
        try {
            JsonNode part = json.readTree(key);
            JsonNode value = json.readTree(latest.value().unsafeArray());
            return Optional.of(new Pause(
                    new Part(
                            Part.Kind.valueOf(part.path(0).asText().toUpperCase(Locale.ROOT)),
                            part.path(1).asText(),
                            part.has(2) ? part.path(2).asText() : null),
                    value.path("who").asText(),
                    value.path("why").asText(),
                    latest.writtenAtMillis()));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

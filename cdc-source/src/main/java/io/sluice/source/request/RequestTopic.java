package io.sluice.source.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.model.TableId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topic of requests, and how they are spelt there. */
public final class RequestTopic {

    private static final Logger LOG = LoggerFactory.getLogger(RequestTopic.class);
    private static final long PATIENCE_SECONDS = 30;

    private final ObjectMapper json = new ObjectMapper();
    private final String topic;

    public RequestTopic(String topic) {
        this.topic = topic;
    }

    String topic() {
        return topic;
    }

    /** Leaves a request; returns once Kafka has it. */
    public void send(KafkaConnection kafka, LoadRequest request) throws InterruptedException {
        Map<String, Object> properties = kafka.producer();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(record(request)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new EnvironmentException(
                    "KAFKA_UNAVAILABLE",
                    "Kafka did not take the request: " + e.getClass().getSimpleName(),
                    "topic " + topic,
                    "Check that the brokers run and that `sluice run` has made the pipeline's topics; then ask again.",
                    e);
        }
    }

    ProducerRecord<byte[], byte[]> record(LoadRequest request) {
        TableId table = request.table();
        return new ProducerRecord<>(
                topic,
                0,
                bytes(json.createArrayNode()
                        .add(table.source())
                        .add(table.schema())
                        .add(table.table())),
                bytes(json.createObjectNode()
                        .put("request", request.kind().name().toLowerCase(Locale.ROOT))
                        .put("id", request.id())));
    }

    private static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What a record asks. A record that asks nothing we know is passed over: it can't do harm, and halting would. */
    Optional<LoadRequest> read(byte @Nullable [] key, byte @Nullable [] value) {
        if (key == null || value == null) {
            return Optional.empty();
        }
        try {
            JsonNode table = json.readTree(key);
            JsonNode request = json.readTree(value);
            return Optional.of(new LoadRequest(
                    new TableId(
                            table.path(0).asText(),
                            table.path(1).asText(),
                            table.path(2).asText()),
                    LoadRequest.Kind.valueOf(request.path("request").asText().toUpperCase(Locale.ROOT)),
                    request.path("id").asText()));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("Topic {} holds a request that can't be read; it is passed over", topic);
            return Optional.empty();
        }
    }
}

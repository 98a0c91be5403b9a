package io.sluice.transform.version;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.WholeTopic;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.version.TableVersion;
import io.sluice.transform.mapping.version.VersionJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Reads and writes the versions: a record for each target table, the last one of which holds. */
public final class VersionTopic {

    private static final long PATIENCE_SECONDS = 30;

    private final KafkaConnection kafka;
    private final String topic;
    private final ObjectMapper json = new ObjectMapper();
    private final VersionJson versions = new VersionJson();

    public VersionTopic(KafkaConnection kafka, String topic) {
        this.kafka = kafka;
        this.topic = topic;
    }

    /**
     * All that is kept. The topic must exist.
     *
     * @throws HaltException if a record can't be read: what a mapping was can't be guessed
     */
    public Versions read() {
        Map<Versions.Of, TableVersion> found = new HashMap<>();
        for (Map.Entry<byte[], byte @Nullable []> entry : WholeTopic.entries(kafka, topic)) {
            try {
                JsonNode key = json.readTree(text(entry.getKey()));
                Versions.Of of = new Versions.Of(
                        key.path(0).asText(),
                        new TargetTable(key.path(1).asText(), key.path(2).asText()));
                byte[] value = entry.getValue();
                if (value == null) {
                    found.remove(of);
                } else {
                    found.put(of, versions.read(text(value)));
                }
            } catch (JsonProcessingException | IllegalArgumentException e) {
                throw new HaltException(
                        "MAPPING_RECORD_UNREADABLE",
                        "it holds a record that is no version of a mapping, or of a newer program",
                        "topic " + topic,
                        "Use the newer Sluice, or find who else writes to this topic: see the runbook.");
            }
        }
        return new Versions(found);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Returns once Kafka has them all. */
    public void write(Map<Versions.Of, TableVersion> changed) {
        if (changed.isEmpty()) {
            return;
        }
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            changed.forEach((of, version) -> sent.add(producer.send(new ProducerRecord<>(
                    topic,
                    0,
                    bytes(json.createArrayNode()
                            .add(of.service())
                            .add(of.table().schema())
                            .add(of.table().table())
                            .toString()),
                    bytes(versions.write(version))))));
            for (Future<?> each : sent) {
                each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw unavailable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(e);
        }
    }

    private EnvironmentException unavailable(Exception cause) {
        return new EnvironmentException(
                "KAFKA_UNAVAILABLE",
                "Kafka did not take what is to be kept of the mappings: "
                        + cause.getClass().getSimpleName(),
                "topic " + topic,
                "Check that the brokers run; then start again.",
                cause);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.sluice.app.GenuineClient;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.pipeline.KafkaSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice run} of a pipeline that reads MongoDB. */
class CaptureDocumentsIT {

    @TempDir
    private Path folder;

    private Path pipeline(String database, String servers) throws Exception {
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                "pipeline: documents\n" + servers
                        + "sources: {app: {mongodb: \"${env:MONGO_URI}\"}}\n"
                        + "services:\n  accounts:\n    target: {postgresql: \"postgresql://localhost:1/none\"}\n"
                        + "    partitions: 2\n"
                        + "    tables: {users: {from: app." + database
                        + ".users, columns: {id: {from: _id}}, key: [id]}}\n");
    }

    @Test
    void itsSourceRunsAloneAndAnyClientReadsWhatItPublishes() throws Exception {
        Map<String, String> environment =
                Map.of("MONGO_URI", MongoServer.shared().uri());
        String name = MongoServer.shared().uniqueName("capture");
        try (MongoClient client = MongoClients.create(MongoServer.shared().uri());
                LocalStack stack = LocalStack.startTemporary(Part.KAFKA, Part.REGISTRY)) {
            MongoDatabase database = client.getDatabase(name);
            database.getCollection("users").insertOne(new Document("_id", 1).append("name", "a"));
            Path file = pipeline(
                    name,
                    "kafka: {bootstrap: \"" + stack.kafkaBootstrap() + "\"}\nregistry: {url: \"" + stack.registryUrl()
                            + "\"}\n");
            try (SluiceProcess source = SluiceProcess.start(
                    folder.resolve("source.log"), environment, "run", file.toString(), "--role", "source")) {
                source.awaitLine("source app: running");
                database.getCollection("users").updateOne(Filters.eq(1), Updates.set("name", "b"));
                Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(texts(stack, name))
                        .last()
                        .isEqualTo("{\"$numberInt\": \"1\"} {\"_id\": {\"$numberInt\": \"1\"}, \"name\": \"b\"}"));
                source.stop();
            }
            database.drop();
        }
    }

    private static List<String> texts(LocalStack stack, String database) throws Exception {
        GenuineClient stranger = new GenuineClient(stack.registryUrl());
        Map<String, Object> properties = new HashMap<>(KafkaConnection.of(KafkaSpec.at(stack.kafkaBootstrap()), 1 << 20)
                .consumer());
        List<String> texts = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            String topic = new io.sluice.schemas.topic.Names("documents")
                    .changes("accounts", new io.sluice.schemas.model.TableId("app", database, "users"));
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.value() != null) {
                        GenericRecord after =
                                (GenericRecord) stranger.read(record.value()).get("after");
                        texts.add(stranger.read(record.key()).get("_id") + " " + after.get("document"));
                    }
                }
            }
        }
        return texts;
    }
}

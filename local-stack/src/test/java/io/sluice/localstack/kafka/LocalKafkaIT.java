package io.sluice.localstack.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.ChildJvm;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalKafkaIT {

    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

    @Test
    void aRestartKeepsTheClusterTheDataAndTheAddress(@TempDir Path folder) throws Exception {
        String clusterId;
        String bootstrap;
        try (LocalKafka kafka = LocalKafka.start(folder)) {
            clusterId = kafka.clusterId();
            bootstrap = kafka.bootstrapServers();
            createTopic(kafka.bootstrapServers());
            sendInTransaction(kafka.bootstrapServers(), new ProducerRecord<>("orders", "k", "kept"));
            assertThat(readCommitted(kafka, 1)).containsExactly("kept");
        }
        try (LocalKafka kafka = LocalKafka.start(folder)) {
            assertThat(kafka.clusterId()).isEqualTo(clusterId);
            assertThat(kafka.bootstrapServers()).isEqualTo(bootstrap);
            assertThat(readCommitted(kafka, 1)).containsExactly("kept");
        }
    }

    @Test
    void aReaderOfCommittedRecordsNeverSeesAnAbortedTransaction() throws Exception {
        try (LocalKafka kafka = LocalKafka.startTemporary()) {
            createTopic(kafka.bootstrapServers());
            try (var producer = transactionalProducer(kafka.bootstrapServers())) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>("orders", "k", "aborted")).get();
                producer.abortTransaction();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>("orders", "k", "committed")).get();
                producer.commitTransaction();
            }
            assertThat(readCommitted(kafka, 1)).containsExactly("committed");
        }
    }

    @Test
    void aRecordOfThirtyTwoMebibytesPasses() throws Exception {
        try (LocalKafka kafka = LocalKafka.startTemporary()) {
            createTopic(kafka.bootstrapServers());
            String large = "x".repeat(32 << 20);
            sendInTransaction(kafka.bootstrapServers(), new ProducerRecord<>("orders", "k", large));
            assertThat(readCommitted(kafka, 1).get(0)).hasSize(32 << 20);
        }
    }

    @Test
    void topicsAreNeverCreatedByAccidentAndCarryTheTimeOfAppending() throws Exception {
        try (LocalKafka kafka = LocalKafka.startTemporary();
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
                var consumer = consumer(kafka)) {
            assertThat(consumer.partitionsFor("nobody-made-this")).isEmpty();
            assertThatThrownBy(() -> admin.describeTopics(List.of("nobody-made-this"))
                            .allTopicNames()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);

            createTopic(kafka.bootstrapServers());
            sendInTransaction(kafka.bootstrapServers(), new ProducerRecord<>("orders", 0, 1L, "k", "v"));
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            var record = consumer.poll(Duration.ofSeconds(20)).iterator().next();
            assertThat(record.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
            assertThat(record.timestamp()).isGreaterThan(1L);
        }
    }

    @Test
    void aSecondBrokerOnTheSameFolderIsRefusedWithTheWayOut(@TempDir Path folder) {
        try (LocalKafka first = LocalKafka.start(folder)) {
            assertThat(first.bootstrapServers()).startsWith("127.0.0.1:");
            assertThatThrownBy(() -> LocalKafka.start(folder))
                    .isInstanceOf(LocalServerException.class)
                    .hasMessageContaining("Another process runs Kafka in " + folder);
        }
    }

    @Test
    void twoBrokersRunSideBySideInOneJvm() {
        try (LocalKafka one = LocalKafka.startTemporary();
                LocalKafka other = LocalKafka.startTemporary()) {
            assertThat(one.bootstrapServers()).isNotEqualTo(other.bootstrapServers());
            assertThat(one.clusterId()).isNotEqualTo(other.clusterId());
        }
    }

    @Test
    void listensOnLoopbackOnly() throws Exception {
        try (LocalKafka kafka = LocalKafka.startTemporary()) {
            int port = Integer.parseInt(kafka.bootstrapServers().replace("127.0.0.1:", ""));
            List<InetAddress> others = NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress())
                    .toList();
            for (InetAddress address : others) {
                try (Socket socket = new Socket()) {
                    assertThatThrownBy(() -> socket.connect(new InetSocketAddress(address, port), 2000))
                            .isInstanceOf(ConnectException.class);
                }
            }
        }
    }

    @Test
    void keepsWhatWasCommittedThoughItsProcessIsKilledAndIsSoonBack(@TempDir Path folder) throws Exception {
        String clusterId;
        try (ChildJvm child = ChildJvm.run(LocalKafka.class, folder.toString())) {
            String bootstrap = child.line();
            createTopic(bootstrap);
            sendInTransaction(bootstrap, new ProducerRecord<>("orders", "k", "kept"));
            clusterId = clusterId(bootstrap);
            child.kill();
        }
        long start = System.nanoTime();
        try (LocalKafka kafka = LocalKafka.start(folder)) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
            assertThat(kafka.clusterId()).isEqualTo(clusterId);
            assertThat(readCommitted(kafka, 1)).containsExactly("kept");
            sendInTransaction(kafka.bootstrapServers(), new ProducerRecord<>("orders", "k", "next"));
            assertThat(readCommitted(kafka, 2)).containsExactly("kept", "next");
        }
    }

    private static String clusterId(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            return admin.describeCluster().clusterId().get();
        }
    }

    @Test
    void stopsWithinThreeSecondsAndMayBeClosedTwice() {
        LocalKafka kafka = LocalKafka.startTemporary();
        long start = System.nanoTime();
        kafka.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        kafka.close();
    }

    @Test
    void aSettingKafkaDoesNotUnderstandIsReportedAndReleasesTheFolder(@TempDir Path folder) {
        assertThatThrownBy(() -> LocalKafka.start(folder, Map.of("log.segment.bytes", "many")))
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("log.segment.bytes");
        LocalKafka.start(folder).close();
    }

    private static void createTopic(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    private static void sendInTransaction(String bootstrap, ProducerRecord<String, String> record) throws Exception {
        try (var producer = transactionalProducer(bootstrap)) {
            producer.initTransactions();
            producer.beginTransaction();
            var sent = producer.send(record);
            producer.commitTransaction();
            sent.get();
        }
    }

    private static KafkaProducer<String, String> transactionalProducer(String bootstrap) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "transactional.id",
                        "test",
                        "transaction.timeout.ms",
                        600_000,
                        "max.request.size",
                        34 << 20,
                        "buffer.memory",
                        70L << 20),
                new StringSerializer(),
                new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(LocalKafka kafka) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", kafka.bootstrapServers(),
                        "isolation.level", "read_committed",
                        "auto.offset.reset", "none"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static List<String> readCommitted(LocalKafka kafka, int expected) {
        List<String> values = new ArrayList<>();
        try (var consumer = consumer(kafka)) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (values.size() < expected && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}

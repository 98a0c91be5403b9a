package io.sluice.platform.kafka;

import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Secret;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Where the cluster is, how to be let in, and how large a record may be: the properties that every client starts from.
 *
 * <p>The maps hold secrets in the clear, for Kafka's clients; they must not be logged.
 */
public final class KafkaConnection {

    /** A request carries a record with its headers and the batch around it. */
    private static final int OVERHEAD_BYTES = 1 << 20;

    private static final int PRODUCER_BATCH_BYTES = 256 * 1024;
    private static final long PRODUCER_BUFFER_BYTES = 64L << 20;

    private final String bootstrap;
    private final Map<String, Secret> security;
    private final int maxRecordBytes;

    private KafkaConnection(String bootstrap, Map<String, Secret> security, int maxRecordBytes) {
        this.bootstrap = bootstrap;
        this.security = Map.copyOf(security);
        this.maxRecordBytes = maxRecordBytes;
    }

    public static KafkaConnection of(KafkaSpec kafka, int maxRecordBytes) {
        return new KafkaConnection(kafka.bootstrap(), kafka.security(), maxRecordBytes);
    }

    public String bootstrap() {
        return bootstrap;
    }

    public int maxRecordBytes() {
        return maxRecordBytes;
    }

    public Map<String, Object> admin() {
        Map<String, Object> properties = new HashMap<>();
        security.forEach((name, value) -> properties.put(name, value.reveal()));
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        // Without this every client of the JVM reports itself to the broker, which nobody asked for.
        properties.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        return properties;
    }

    /** Idempotent, acknowledged by all, compressed, and large enough for the largest record. */
    public Map<String, Object> producer() {
        Map<String, Object> properties = admin();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, PRODUCER_BATCH_BYTES);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        properties.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxRecordBytes + OVERHEAD_BYTES);
        properties.put(
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                Math.max(PRODUCER_BUFFER_BYTES, 2L * (maxRecordBytes + OVERHEAD_BYTES)));
        return properties;
    }

    /** Reads only what was committed, and stops rather than guess when its offset is gone. */
    public Map<String, Object> consumer() {
        Map<String, Object> properties = admin();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, maxRecordBytes + OVERHEAD_BYTES);
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Math.max(50 << 20, maxRecordBytes + OVERHEAD_BYTES));
        return properties;
    }

    @Override
    public String toString() {
        return "Kafka at " + bootstrap;
    }
}

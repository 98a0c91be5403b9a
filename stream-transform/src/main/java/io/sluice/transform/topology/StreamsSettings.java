package io.sluice.transform.topology;

import io.sluice.platform.kafka.KafkaConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/** The settings of a transform's Streams client, with the reason for each that is not the default. */
final class StreamsSettings {

    static final int MAX_POLL_RECORDS = 1000;
    static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);

    private static final int SESSION_TIMEOUT_MILLIS = 10_000;
    private static final int HEARTBEAT_MILLIS = 3_000;
    private static final long PROBING_INTERVAL_MILLIS = 60_000;

    /** Streams sets these itself under exactly_once_v2 and complains of whoever else does. */
    private static final Set<String> OWNED_BY_STREAMS = Set.of(
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG);

    private StreamsSettings() {}

    /**
     * @param commitInterval how long a commit waits where the input never drains; otherwise the processor asks for each
     * @param standbys how many other processes keep a copy of the state
     * @param memory for state on disk; null where there is none
     */
    static StreamsConfig of(
            String application,
            KafkaConnection kafka,
            Path stateDirectory,
            Duration commitInterval,
            PolledRecords polled,
            int standbys,
            @Nullable StateMemory memory) {
        Map<String, Object> shared = kafka.admin();
        Map<String, Object> settings = new HashMap<>(shared);
        kafka.producer().forEach((name, value) -> addOwn(settings, shared, StreamsConfig.PRODUCER_PREFIX, name, value));
        kafka.consumer()
                .forEach((name, value) -> addOwn(settings, shared, StreamsConfig.MAIN_CONSUMER_PREFIX, name, value));
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitInterval.toMillis());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        // Tables have no order among each other: no task waits for one topic before it goes on with another.
        settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, standbys);
        // A process that joins reads the state first, and only then is asked whether it has; as often as may be.
        settings.put(StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG, PROBING_INTERVAL_MILLIS);
        if (memory != null) {
            settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StateMemory.Shared.class);
            settings.put(StateMemory.SETTING, memory);
        }
        settings.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, FailEveryRecord.class);
        consumer(settings, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, polled.fullPoll());
        // A process that was killed gives its partitions up this soon.
        consumer(settings, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MILLIS);
        consumer(settings, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MILLIS);
        consumer(settings, ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, PolledRecordsInterceptor.class.getName());
        consumer(settings, PolledRecordsInterceptor.POLLED_RECORDS, polled);
        return new StreamsConfig(settings);
    }

    private static void addOwn(
            Map<String, Object> settings, Map<String, Object> shared, String prefix, String name, Object value) {
        if (!shared.containsKey(name) && !OWNED_BY_STREAMS.contains(name)) {
            settings.put(prefix + name, value);
        }
    }

    private static void consumer(Map<String, Object> settings, String name, Object value) {
        settings.put(StreamsConfig.MAIN_CONSUMER_PREFIX + name, value);
    }
}

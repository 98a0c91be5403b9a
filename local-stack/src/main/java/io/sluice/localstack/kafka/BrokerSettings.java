package io.sluice.localstack.kafka;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The settings of a broker that shares a laptop with everything else. */
record BrokerSettings(Path logs, int brokerPort, int controllerPort, Map<String, String> overrides) {

    static final int NODE_ID = 1;
    static final String BROKER_LISTENER = "PLAINTEXT";
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    /** The largest record Sluice sends by default is 32 MiB; the batch around it and its headers need room too. */
    private static final long MAX_MESSAGE_BYTES = 35L << 20;

    BrokerSettings {
        overrides = Map.copyOf(overrides);
    }

    Map<String, String> asMap() {
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("log.dirs", logs.toString());
        listeners(settings);
        oneNode(settings);
        limits(settings);
        smallFootprint(settings);
        settings.putAll(overrides);
        return settings;
    }

    private void listeners(Map<String, String> settings) {
        String broker = BROKER_LISTENER + "://127.0.0.1:" + brokerPort;
        String controller = CONTROLLER_LISTENER + "://127.0.0.1:" + controllerPort;
        settings.put("listeners", broker + "," + controller);
        settings.put("advertised.listeners", broker + "," + controller);
        settings.put(
                "listener.security.protocol.map", BROKER_LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        settings.put("inter.broker.listener.name", BROKER_LISTENER);
        // Static voters come from the settings and not from the log, so the controller's port may change at a restart.
        settings.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    }

    private static void oneNode(Map<String, String> settings) {
        settings.put("default.replication.factor", "1");
        settings.put("min.insync.replicas", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        // After a kill -9 the controller takes the broker that comes back for a double until the old one's session
        // ends.
        settings.put("broker.session.timeout.ms", "3000");
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("add.partitions.to.txn.retry.backoff.ms", "5");
    }

    private static void limits(Map<String, String> settings) {
        settings.put("auto.create.topics.enable", "false");
        settings.put("log.message.timestamp.type", "LogAppendTime");
        settings.put("message.max.bytes", Long.toString(MAX_MESSAGE_BYTES));
        settings.put("replica.fetch.max.bytes", Long.toString(MAX_MESSAGE_BYTES));
        settings.put(
                "transaction.max.timeout.ms",
                Long.toString(Duration.ofMinutes(15).toMillis()));
        // A laptop may sleep for weeks. By the default of seven days the offsets of its groups would expire at the next
        // start, before their consumers are back.
        settings.put(
                "offsets.retention.minutes", Long.toString(Duration.ofDays(3650).toMinutes()));
    }

    private static void smallFootprint(Map<String, String> settings) {
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        settings.put("num.recovery.threads.per.data.dir", "2");
        settings.put("group.coordinator.threads", "1");
        settings.put("share.coordinator.threads", "1");
        settings.put("log.cleaner.threads", "1");
        settings.put("log.cleaner.dedupe.buffer.size", Long.toString(8L << 20));
        settings.put("log.index.size.max.bytes", Long.toString(2L << 20));
        settings.put("log.segment.bytes", Long.toString(256L << 20));
        // Otherwise the controller writes a record that says nothing twice a second, for ever.
        settings.put("metadata.max.idle.interval.ms", "10000");
    }
}

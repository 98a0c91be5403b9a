package io.sluice.localstack.kafka;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.slf4j.LoggerFactory;

/**
 * Kafka's controller and broker, wired as its own server class wires them, but with sockets that are bound already and with
 * faults that reach the caller instead of ending the process while it starts.
 */
final class RunningBroker implements AutoCloseable {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final String clusterId;
    private final Sockets sockets;
    private final Metrics metrics;
    private final ControllerServer controller;
    private final BrokerServer broker;
    private boolean closed;

    private RunningBroker(
            String clusterId, Sockets sockets, Metrics metrics, ControllerServer controller, BrokerServer broker) {
        this.clusterId = clusterId;
        this.sockets = sockets;
        this.metrics = metrics;
        this.controller = controller;
        this.broker = broker;
    }

    static RunningBroker start(String clusterId, Path logs, Sockets sockets, Map<String, String> overrides) {
        int brokerPort = sockets.port(BrokerSettings.BROKER_LISTENER);
        int controllerPort = sockets.port(BrokerSettings.CONTROLLER_LISTENER);
        var config = new KafkaConfig(new BrokerSettings(logs, brokerPort, controllerPort, overrides).asMap(), false);
        var storage = KafkaRaftServer.initializeLogDirs(config, LoggerFactory.getLogger(KafkaRaftServer.class), "");
        // Without reporters: the broker's metrics are its own business and would only fill JMX.
        var metrics = new Metrics();
        var faults = new Faults();
        var shared = new SharedServer(
                config,
                storage._1(),
                Time.SYSTEM,
                metrics,
                CompletableFuture.completedFuture(
                        Map.of(BrokerSettings.NODE_ID, sockets.address(BrokerSettings.CONTROLLER_LISTENER))),
                List.of(),
                faults,
                sockets);
        var broker = new BrokerServer(shared);
        var controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), storage._2());
        var running = new RunningBroker(clusterId, sockets, metrics, controller, broker);
        boolean started = false;
        try {
            controller.startup();
            broker.startup();
            faults.started();
            started = true;
            return running;
        } finally {
            if (!started) {
                running.close();
            }
        }
    }

    int port() {
        return sockets.port(BrokerSettings.BROKER_LISTENER);
    }

    String clusterId() {
        return clusterId;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (sockets;
                metrics) {
            broker.shutdown(STOP_LIMIT);
        } finally {
            controller.shutdown();
        }
    }
}

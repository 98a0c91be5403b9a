package io.sluice.localstack.kafka;

import kafka.server.FaultHandlerFactory;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;

/**
 * While the broker starts, a fault is an exception for the caller. Afterwards Kafka's own rule holds: a fatal fault ends the
 * process, for a controller that can't trust its log must not serve.
 */
final class Faults implements FaultHandlerFactory {

    private volatile boolean started;

    void started() {
        started = true;
    }

    @Override
    public FaultHandler build(String name, boolean fatal, Runnable action) {
        FaultHandler running = new StandardFaultHandlerFactory().build(name, fatal, action);
        return (message, cause) -> {
            if (started || !fatal) {
                return running.handleFault(message, cause);
            }
            action.run();
            return new FaultHandlerException(name + ": " + message, cause);
        };
    }
}

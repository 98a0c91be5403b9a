package io.sluice.localstack.kafka;

import io.sluice.localstack.process.LoopbackPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.server.ServerSocketFactory;

/** Both listening sockets, bound before Kafka knows of them: a port once chosen can't be lost to another process. */
final class Sockets implements ServerSocketFactory, AutoCloseable {

    private static final int BACKLOG = 128;

    private final Map<String, ServerSocketChannel> channels = new ConcurrentHashMap<>();

    static Sockets bind(Path dataDir) throws IOException {
        Sockets sockets = new Sockets();
        try {
            sockets.bind(BrokerSettings.BROKER_LISTENER, new LoopbackPort(dataDir.resolve("broker.port")));
            sockets.bind(BrokerSettings.CONTROLLER_LISTENER, new LoopbackPort(dataDir.resolve("controller.port")));
            return sockets;
        } catch (IOException e) {
            sockets.close();
            throw e;
        }
    }

    private void bind(String listener, LoopbackPort port) throws IOException {
        ServerSocketChannel channel = port.bind(BACKLOG);
        channel.configureBlocking(false);
        channels.put(listener, channel);
        port.remember(port(listener));
    }

    int port(String listener) {
        return address(listener).getPort();
    }

    InetSocketAddress address(String listener) {
        ServerSocketChannel channel = channels.get(listener);
        if (channel == null) {
            throw new IllegalStateException("No socket for listener " + listener);
        }
        return (InetSocketAddress) channel.socket().getLocalSocketAddress();
    }

    @Override
    public ServerSocketChannel openServerSocket(
            String listenerName, InetSocketAddress address, int backlog, int receiveBufferSize) throws IOException {
        ServerSocketChannel channel = channels.get(listenerName);
        if (channel == null) {
            throw new IOException("No socket for listener " + listenerName);
        }
        return channel;
    }

    @Override
    public void close() {
        for (ServerSocketChannel channel : channels.values()) {
            try {
                channel.close();
            } catch (IOException e) {
                // The kernel has given the port back all the same.
            }
        }
    }
}

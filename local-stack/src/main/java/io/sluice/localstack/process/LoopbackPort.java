package io.sluice.localstack.process;

import io.sluice.localstack.LocalServerException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A port on 127.0.0.1 that a server keeps over restarts as long as nobody else has taken it meanwhile, so that an address
 * someone has noted down stays right.
 */
public final class LoopbackPort {

    private final Path memory;

    /** @param memory the file that remembers the port */
    public LoopbackPort(Path memory) {
        this.memory = memory;
    }

    /** A port that is free now: the remembered one if possible. Another process may take it before it is used. */
    public int free() {
        int remembered = remembered();
        if (remembered != 0 && isFree(remembered)) {
            return remembered;
        }
        return other();
    }

    /** Any free port, whatever was remembered. */
    public int other() {
        try (ServerSocket socket = new ServerSocket(0, 1, loopback())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new LocalServerException("No free port on 127.0.0.1: " + e.getMessage(), e);
        }
    }

    /** A listening socket on the remembered port or on a free one: nobody can come between. */
    public ServerSocketChannel bind(int backlog) throws IOException {
        int remembered = remembered();
        if (remembered != 0) {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                channel.bind(new InetSocketAddress(loopback(), remembered), backlog);
                return channel;
            } catch (IOException taken) {
                channel.close();
            }
        }
        return ServerSocketChannel.open().bind(new InetSocketAddress(loopback(), 0), backlog);
    }

    public void remember(int port) {
        try {
            Files.writeString(memory, port + "\n");
        } catch (IOException e) {
            throw new LocalServerException("Can't write " + memory + ": " + e, e);
        }
    }

    private int remembered() {
        try {
            int port = Integer.parseInt(Files.readString(memory).strip());
            return port > 0 && port < 65536 ? port : 0;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(loopback(), port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
    }
}

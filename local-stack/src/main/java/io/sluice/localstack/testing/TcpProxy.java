package io.sluice.localstack.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A line between a client and a server on this machine, that a test can slow down, cut, or let go silent. Its port stays, also
 * when another server takes the place of the one behind it.
 */
public final class TcpProxy implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int BACKLOG = 64;

    private final ServerSocket listener;
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile InetSocketAddress target;
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean stalled;
    private volatile boolean refusing;
    private volatile boolean closed;

    private TcpProxy(ServerSocket listener, InetSocketAddress target) {
        this.listener = listener;
        this.target = target;
    }

    /** Listens on a free port of the loopback address and passes on to that server. */
    public static TcpProxy to(String host, int port) {
        try {
            ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
            TcpProxy proxy = new TcpProxy(listener, new InetSocketAddress(host, port));
            thread("tcp-proxy-" + listener.getLocalPort(), proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Lines opened from now on lead there. */
    public void retarget(String host, int port) {
        target = new InetSocketAddress(host, port);
    }

    /** Whatever is sent, either way, arrives so much later. */
    public void delay(Duration time) {
        delay = time;
    }

    /** Nothing passes, and nobody is told: what a lost route or a firewall does. It arrives after {@link #passOn()}. */
    public void stall() {
        stalled = true;
    }

    /** Ends every line, and each new one at once. */
    public void refuse() {
        refusing = true;
        reset();
    }

    /** Ends every line with a reset. */
    public void reset() {
        lines.forEach(Line::reset);
    }

    /** Tells every client that its server has nothing more to say, and goes on taking what the client says. */
    public void halfClose() {
        lines.forEach(Line::halfClose);
    }

    /** No more faults. */
    public void passOn() {
        lock.lock();
        try {
            delay = Duration.ZERO;
            refusing = false;
            stalled = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many lines are open. */
    public int lines() {
        return lines.size();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                if (refusing) {
                    abort(client);
                    continue;
                }
                thread("tcp-proxy-line", () -> connect(client));
            } catch (IOException e) {
                if (!closed) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void connect(Socket client) {
        try {
            awaitPassage();
            InetSocketAddress to = target;
            Socket server = new Socket(to.getAddress(), to.getPort());
            Line line = new Line(client, server);
            lines.add(line);
            if (refusing || closed) {
                line.reset();
                return;
            }
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            thread("tcp-proxy-up", () -> pump(line, client, server));
            thread("tcp-proxy-down", () -> pump(line, server, client));
        } catch (IOException e) {
            // As the server behind would refuse it.
            abort(client);
        }
    }

    private void pump(Line line, Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                Duration late = delay;
                if (!late.isZero()) {
                    TimeUnit.NANOSECONDS.sleep(late.toNanos());
                }
                awaitPassage();
                out.write(buffer, 0, read);
            }
            awaitPassage();
            to.shutdownOutput();
            line.ended();
        } catch (IOException e) {
            line.reset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitPassage() {
        lock.lock();
        try {
            while (stalled && !closed) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It has ended already.
        }
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            listener.close();
        } catch (IOException e) {
            // The port is given back all the same.
        }
        reset();
    }

    private final class Line {

        private final Socket client;
        private final Socket server;
        private boolean half;

        Line(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        /** One direction has come to its end; with the second the line goes. */
        synchronized void ended() {
            if (half) {
                reset();
            }
            half = true;
        }

        void halfClose() {
            try {
                client.shutdownOutput();
            } catch (IOException e) {
                // It has ended already.
            }
        }

        void reset() {
            abort(client);
            abort(server);
            lines.remove(this);
        }
    }
}

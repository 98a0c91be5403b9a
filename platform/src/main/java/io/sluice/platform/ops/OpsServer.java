package io.sluice.platform.ops;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.tls.TlsContext;
import io.sluice.platform.tls.TlsFiles;
import io.sluice.schemas.pipeline.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code /live}, {@code /ready}, {@code /metrics} and {@code /status}. It only reads: nobody can change anything here.
 *
 * <p>The first two say one word each and ask for no token, so that whatever watches processes needs none.
 */
public final class OpsServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpsServer.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final int THREADS = 2;
    private static final int WAITING = 64;

    private final HttpServer server;
    private final ExecutorService threads;
    private final URI address;

    private record Answer(int code, String type, String body) {}

    private record Page(boolean open, Supplier<Answer> answer) {}

    private OpsServer(HttpServer server, ExecutorService threads, URI address) {
        this.server = server;
        this.threads = threads;
        this.address = address;
    }

    /** @throws EnvironmentException if the address is taken, or none of this machine's */
    public static OpsServer start(OpsSettings settings, OpsContent content) {
        HttpServer server = bind(settings);
        AtomicInteger number = new AtomicInteger();
        ExecutorService threads = new ThreadPoolExecutor(
                THREADS, THREADS, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, "ops-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        Map<String, Page> pages = Map.of(
                "/live",
                new Page(true, () -> new Answer(200, TEXT, "live\n")),
                "/ready",
                new Page(
                        true,
                        () -> content.isReady()
                                ? new Answer(200, TEXT, "ready\n")
                                : new Answer(503, TEXT, "not ready\n")),
                "/metrics",
                new Page(false, () -> new Answer(200, "text/plain; version=0.0.4; charset=utf-8", content.metrics())),
                "/status",
                new Page(false, () -> new Answer(200, "application/json; charset=utf-8", content.status())));
        server.setExecutor(threads);
        server.createContext("/", exchange -> serve(exchange, pages, settings.token()));
        server.start();
        InetSocketAddress bound = server.getAddress();
        String scheme = settings.identity().isPresent() ? "https" : "http";
        return new OpsServer(
                server,
                threads,
                URI.create(scheme + "://" + host(bound.getAddress().getHostAddress()) + ":" + bound.getPort()));
    }

    private static String host(String address) {
        return address.indexOf(':') < 0 ? address : "[" + address + "]";
    }

    private static HttpServer bind(OpsSettings settings) {
        try {
            if (settings.identity().isEmpty()) {
                return HttpServer.create(settings.address(), WAITING);
            }
            HttpsServer server = HttpsServer.create(settings.address(), WAITING);
            server.setHttpsConfigurator(new HttpsConfigurator(
                    TlsContext.of(new TlsFiles(null, settings.identity().get()))));
            return server;
        } catch (IOException e) {
            throw new EnvironmentException(
                    "LISTEN_FAILED",
                    "can't listen there: " + e.getMessage(),
                    "--listen " + settings.address().getHostString() + ":"
                            + settings.address().getPort(),
                    "Take another port; 0 takes any that is free.",
                    e);
        }
    }

    private static void serve(HttpExchange exchange, Map<String, Page> pages, Optional<Secret> token)
            throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange, pages, token);
            } catch (RuntimeException e) {
                LOG.warn("{} can't be answered", exchange.getRequestURI().getPath(), e);
                answer = new Answer(500, TEXT, "failed: see the log\n");
            }
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.code(), head || body.length == 0 ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private static Answer answer(HttpExchange exchange, Map<String, Page> pages, Optional<Secret> token) {
        if (!exchange.getRequestMethod().equals("GET")
                && !exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return new Answer(405, TEXT, "only GET and HEAD\n");
        }
        Page page = pages.get(exchange.getRequestURI().getPath());
        if (page == null) {
            return new Answer(404, TEXT, "there are /live, /ready, /metrics and /status\n");
        }
        if (!page.open() && token.isPresent() && !shows(exchange, token.get())) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            return new Answer(401, TEXT, "a token is needed\n");
        }
        return page.answer().get();
    }

    /** Takes equally long whatever is wrong with what was shown. */
    private static boolean shows(HttpExchange exchange, Secret token) {
        String shown = exchange.getRequestHeaders().getFirst("Authorization");
        return shown != null
                && MessageDigest.isEqual(
                        shown.getBytes(StandardCharsets.UTF_8),
                        ("Bearer " + token.reveal()).getBytes(StandardCharsets.UTF_8));
    }

    public URI address() {
        return address;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

package io.sluice.platform.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.platform.error.EnvironmentException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Requests to whichever of the registry's servers answers. */
final class RegistryHttp implements AutoCloseable {

    private static final int MAX_MESSAGE_CHARS = 2_000;
    private static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(10);

    private final RegistrySettings settings;
    private final HttpClient client;
    private final Backoff backoff;
    private final ObjectMapper mapper = new ObjectMapper();
    private final AtomicInteger preferred = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    RegistryHttp(RegistrySettings settings, HttpClient client, RandomGenerator random) {
        this.settings = settings;
        this.client = client;
        this.backoff = new Backoff(
                settings.patience().firstBackoff(), settings.patience().maxBackoff(), random);
    }

    /**
     * What a server has said for good: success, or a refusal that another try won't change.
     *
     * @param errorCode Confluent's number, or 0 where the answer has none
     * @param message the server's words, bounded, without secrets
     */
    record Answer(URI server, int status, JsonNode json, int errorCode, String message) {
        boolean succeeded() {
            return status >= 200 && status < 300;
        }
    }

    /** A try that failed in a way that may pass. */
    private static final class PassingFailure extends Exception {
        private final Duration retryAfter;

        PassingFailure(String what, Duration retryAfter, @Nullable Throwable cause) {
            super(what, cause);
            this.retryAfter = retryAfter;
        }
    }

    /**
     * Asks until there is an answer.
     *
     * @param path behind the server's address, encoded
     * @param skip how many servers to pass over at first, to ask another than the one before
     * @throws EnvironmentException if no server has answered after all rounds
     */
    Answer send(String method, String path, @Nullable JsonNode body, int skip) throws InterruptedException {
        int servers = settings.urls().size();
        int start = preferred.get() + skip;
        PassingFailure last = null;
        for (int round = 0; round < settings.patience().rounds(); round++) {
            if (last != null) {
                Duration wait = backoff.after(round - 1);
                pause(wait.compareTo(last.retryAfter) > 0 ? wait : last.retryAfter);
            }
            for (int i = 0; i < servers; i++) {
                int server = Math.floorMod(start + i, servers);
                try {
                    Answer answer = tryOnce(settings.urls().get(server), method, path, body);
                    preferred.set(server);
                    return answer;
                } catch (PassingFailure e) {
                    last = e;
                }
            }
        }
        String what = last == null ? "no answer" : last.getMessage();
        throw unavailable("the schema registry does not answer: " + what, last == null ? null : last.getCause());
    }

    /** Waits, unless the client is closed first. */
    void pause(Duration wait) throws InterruptedException {
        if (closed.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
            throw closedMeanwhile();
        }
    }

    private Answer tryOnce(URI server, String method, String path, @Nullable JsonNode body)
            throws PassingFailure, InterruptedException {
        if (closed.getCount() == 0) {
            throw closedMeanwhile();
        }
        CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(
                request(server, method, path, body), head -> new BoundedBody(settings.maxAnswerBytes()));
        try {
            // The request's own timeout ends with the answer's head; this one covers a body that trickles.
            HttpResponse<byte[]> response =
                    exchange.get(settings.patience().requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
            return judge(server, response);
        } catch (TimeoutException e) {
            throw new PassingFailure(
                    server + " took longer than "
                            + settings.patience().requestTimeout().toMillis() + " ms",
                    Duration.ZERO,
                    e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof BoundedBody.OversizedException) {
                throw unavailable(
                        "an answer of " + server + " is larger than the limit of " + settings.maxAnswerBytes()
                                + " bytes",
                        cause);
            }
            throw new PassingFailure(server + ": " + describe(cause), Duration.ZERO, cause);
        } finally {
            exchange.cancel(true);
        }
    }

    private HttpRequest request(URI server, String method, String path, @Nullable JsonNode body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .timeout(settings.patience().requestTimeout())
                .header("Accept", "application/vnd.schemaregistry.v1+json, application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.toString()));
        if (body != null) {
            request.header("Content-Type", "application/vnd.schemaregistry.v1+json");
        }
        settings.credentials().header().ifPresent(value -> request.header("Authorization", value));
        return request.build();
    }

    private Answer judge(URI server, HttpResponse<byte[]> response) throws PassingFailure {
        int status = response.statusCode();
        JsonNode json;
        try {
            json = mapper.readTree(response.body());
        } catch (IOException e) {
            json = mapper.missingNode();
        }
        String message = presentable(json.path("message").asText());
        if (status >= 500 || status == 429 || status == 408) {
            throw new PassingFailure(
                    server + " answered HTTP " + status + (message.isEmpty() ? "" : " (" + message + ")"),
                    retryAfter(response),
                    null);
        }
        boolean success = status >= 200 && status < 300;
        if (success && json.isMissingNode()) {
            throw new PassingFailure(server + " answered something that is not JSON", Duration.ZERO, null);
        }
        return new Answer(server, status, json, json.path("error_code").asInt(), message);
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("\\d{1,9}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .map(wait -> wait.compareTo(MAX_RETRY_AFTER) < 0 ? wait : MAX_RETRY_AFTER)
                .orElse(Duration.ZERO);
    }

    /** A server's words, fit for one line of a log. */
    String presentable(String text) {
        String line = settings.credentials().redact(text).replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MAX_MESSAGE_CHARS ? line : line.substring(0, MAX_MESSAGE_CHARS) + "…";
    }

    private static String describe(Throwable failure) {
        String message = failure.getMessage();
        return failure.getClass().getSimpleName() + (message == null ? "" : " (" + message + ")");
    }

    EnvironmentException unavailable(String problem, @Nullable Throwable cause) {
        return new EnvironmentException(
                "REGISTRY_UNAVAILABLE",
                problem,
                null,
                "Check that the registry runs at " + settings.urls()
                        + " and that its address and credentials are right; the step is tried again.",
                cause);
    }

    private IllegalStateException closedMeanwhile() {
        return new IllegalStateException("the client of the schema registry is closed");
    }

    @Override
    public void close() {
        closed.countDown();
    }
}

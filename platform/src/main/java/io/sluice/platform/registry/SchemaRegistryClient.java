package io.sluice.platform.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.registry.RegistryHttp.Answer;
import io.sluice.platform.tls.TlsContext;
import io.sluice.platform.tls.TlsFiles;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.UnknownSchemaException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/**
 * The registry as the stages use it. Every method may throw {@link EnvironmentException} ({@code REGISTRY_UNAVAILABLE})
 * where the registry can't be used now, also when the waiting thread is interrupted (its interrupt flag stays set).
 */
public final class SchemaRegistryClient implements SchemaStore, AutoCloseable {

    private static final int THREADS = 4;
    private static final int MAX_QUEUED_LOADS = 1_024;
    private static final int SUBJECT_NOT_FOUND = 40401;
    private static final int VERSION_NOT_FOUND = 40402;
    private static final int SCHEMA_NOT_FOUND = 40403;
    private static final int NO_LEVEL_OF_ITS_OWN = 40408;
    /** A follower may not know yet what its leader has just registered. */
    private static final List<Duration> CONFIRMATION_WAITS = List.of(Duration.ofMillis(100), Duration.ofMillis(400));

    private final RegistrySettings settings;
    private final RegistryHttp http;
    private final ThreadPoolExecutor loaders;
    private final SingleFlight<Registration, Integer> registrations;
    private final SingleFlight<Integer, Optional<Schema>> schemas;
    private final Cache<Integer, Boolean> recentlyUnknown;

    private SchemaRegistryClient(RegistrySettings settings, RegistryHttp http, ThreadPoolExecutor loaders) {
        this.settings = settings;
        this.http = http;
        this.loaders = loaders;
        this.registrations = new SingleFlight<>(settings.maxCachedSchemas(), loaders, id -> true);
        // An id that nobody knows today may be given tomorrow, so only what is found lasts.
        this.schemas = new SingleFlight<>(settings.maxCachedSchemas(), loaders, Optional::isPresent);
        this.recentlyUnknown = Caffeine.newBuilder()
                .maximumSize(1_000)
                .expireAfterWrite(Duration.ofSeconds(10))
                .executor(Runnable::run)
                .build();
    }

    /** Reads the TLS files; connects with the first request. */
    public static SchemaRegistryClient open(RegistrySettings settings) {
        HttpClient.Builder client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.patience().connectTimeout());
        TlsFiles tls = settings.tls();
        if (tls != null) {
            client.sslContext(TlsContext.of(tls));
        }
        return new SchemaRegistryClient(
                settings, new RegistryHttp(settings, client.build(), RandomGenerator.getDefault()), loaders());
    }

    private static ThreadPoolExecutor loaders() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor loaders = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_QUEUED_LOADS), task -> {
                    Thread thread = new Thread(task, "schema-registry-client-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        loaders.allowCoreThreadTimeOut(true);
        return loaders;
    }

    /**
     * Equal where the registry would see the same text; cheap for the same object, which is the usual case. Avro's own
     * equality leaves documentation and field aliases out, and the registry doesn't.
     */
    private record Registration(String subject, Schema schema) {
        @Override
        @SuppressWarnings("ReferenceEquality") // Rendering a schema for every record would cost more than encoding it.
        public boolean equals(Object other) {
            return other instanceof Registration that
                    && subject.equals(that.subject)
                    && (schema == that.schema
                            || (schema.equals(that.schema) && schema.toString().equals(that.schema.toString())));
        }

        @Override
        public int hashCode() {
            return 31 * subject.hashCode() + schema.hashCode();
        }
    }

    /**
     * @throws HaltException {@code SCHEMA_INCOMPATIBLE} if earlier versions forbid it, {@code SCHEMA_REFUSED} if the
     *     registry finds the schema itself invalid
     */
    @Override
    public int register(String subject, Schema schema) {
        return await(() -> registrations.get(new Registration(subject, schema), () -> registerNow(subject, schema)));
    }

    private int registerNow(String subject, Schema schema) throws InterruptedException {
        Answer answer = http.send("POST", "/subjects/" + encoded(subject) + "/versions", submission(schema), 0);
        if (answer.status() == 409) {
            throw new HaltException(
                    "SCHEMA_INCOMPATIBLE",
                    "the registry refuses a new schema of subject " + subject + ": " + answer.message(),
                    subject,
                    "Undo the change of the table, make it a compatible one, or set another compatibility level for "
                            + "the subject, and resume.");
        }
        if (answer.errorCode() == 42201) {
            throw new HaltException(
                    "SCHEMA_REFUSED",
                    "the registry finds the schema of subject " + subject + " invalid: " + answer.message(),
                    subject,
                    "Check that the registry takes Avro schemas.");
        }
        JsonNode id =
                succeeded(answer, "register a schema of subject " + subject).path("id");
        if (!id.isIntegralNumber()) {
            throw unexpected(answer, "register a schema of subject " + subject);
        }
        return id.asInt();
    }

    @Override
    public Schema byId(int id) throws UnknownSchemaException {
        return await(() -> schemas.get(id, () -> byIdNow(id))).orElseThrow(() -> new UnknownSchemaException(id));
    }

    /** Nothing if the registry has said so at every server and again after a while, or if it is no Avro schema. */
    private Optional<Schema> byIdNow(int id) throws InterruptedException {
        boolean waited = recentlyUnknown.getIfPresent(id) != null;
        int questions = Math.max(CONFIRMATION_WAITS.size() + 1, settings.urls().size());
        for (int i = 0; i < questions; i++) {
            if (i > 0 && i <= CONFIRMATION_WAITS.size() && !waited) {
                http.pause(CONFIRMATION_WAITS.get(i - 1));
            }
            Answer answer = http.send("GET", "/schemas/ids/" + id, null, i == 0 ? 0 : 1);
            if (answer.status() != 404 || answer.errorCode() != SCHEMA_NOT_FOUND) {
                String doing = "look up schema " + id;
                JsonNode json = succeeded(answer, doing);
                boolean avro = json.path("schemaType").asText("AVRO").equals("AVRO");
                return avro ? Optional.of(schema(answer, json, doing)) : Optional.empty();
            }
        }
        recentlyUnknown.put(id, true);
        return Optional.empty();
    }

    /** The subject's newest schema; not cached. */
    public Optional<RegisteredSchema> latest(String subject) {
        String doing = "look up the latest schema of subject " + subject;
        return registered(
                await(() -> http.send("GET", "/subjects/" + encoded(subject) + "/versions/latest", null, 0)), doing);
    }

    /** This schema's place under the subject, if it is registered there; not cached. */
    public Optional<RegisteredSchema> lookUp(String subject, Schema schema) {
        String doing = "look up a schema of subject " + subject;
        return registered(
                await(() -> http.send("POST", "/subjects/" + encoded(subject), submission(schema), 0)), doing);
    }

    private Optional<RegisteredSchema> registered(Answer answer, String doing) {
        if (answer.status() == 404
                && (answer.errorCode() == SUBJECT_NOT_FOUND
                        || answer.errorCode() == VERSION_NOT_FOUND
                        || answer.errorCode() == SCHEMA_NOT_FOUND)) {
            return Optional.empty();
        }
        JsonNode json = succeeded(answer, doing);
        if (!json.path("id").isIntegralNumber() || !json.path("version").isIntegralNumber()) {
            throw unexpected(answer, doing);
        }
        return Optional.of(new RegisteredSchema(
                json.path("subject").asText(),
                json.path("version").asInt(),
                json.path("id").asInt(),
                schema(answer, json, doing)));
    }

    /** Whether {@link #register} would take the schema. A subject's first schema is always compatible. */
    public CompatibilityVerdict checkCompatibility(String subject, Schema schema) {
        String path = "/compatibility/subjects/" + encoded(subject) + "/versions?verbose=true";
        Answer answer = await(() -> http.send("POST", path, submission(schema), 0));
        if (answer.status() == 404 && answer.errorCode() == SUBJECT_NOT_FOUND) {
            return new CompatibilityVerdict(true, List.of());
        }
        JsonNode verdict = succeeded(answer, "check a schema of subject " + subject);
        if (!verdict.path("is_compatible").isBoolean()) {
            throw unexpected(answer, "check a schema of subject " + subject);
        }
        List<String> objections = new ArrayList<>();
        verdict.path("messages").forEach(message -> objections.add(http.presentable(message.asText())));
        return new CompatibilityVerdict(verdict.path("is_compatible").asBoolean(), objections);
    }

    /** The level that holds for the subject: its own, or the registry's. */
    public CompatibilityLevel level(String subject) {
        Answer answer = await(() -> http.send("GET", "/config/" + encoded(subject) + "?defaultToGlobal=true", null, 0));
        return answer.status() == 404 && answer.errorCode() == NO_LEVEL_OF_ITS_OWN
                ? level()
                : level(answer, "read the compatibility level of subject " + subject);
    }

    /** The level of subjects that have none of their own. Small and behind the credentials, so a probe as well. */
    public CompatibilityLevel level() {
        return level(await(() -> http.send("GET", "/config", null, 0)), "read the compatibility level");
    }

    private CompatibilityLevel level(Answer answer, String doing) {
        String name = succeeded(answer, doing).path("compatibilityLevel").asText();
        for (CompatibilityLevel level : CompatibilityLevel.values()) {
            if (level.name().equals(name)) {
                return level;
            }
        }
        throw unexpected(answer, doing);
    }

    public void setLevel(String subject, CompatibilityLevel level) {
        setLevelAt("/config/" + encoded(subject), level, "set the compatibility level of subject " + subject);
    }

    /** For all subjects that have none of their own. */
    public void setLevel(CompatibilityLevel level) {
        setLevelAt("/config", level, "set the compatibility level");
    }

    private void setLevelAt(String path, CompatibilityLevel level, String doing) {
        JsonNode body = JsonNodeFactory.instance.objectNode().put("compatibility", level.name());
        succeeded(await(() -> http.send("PUT", path, body, 0)), doing);
    }

    private JsonNode succeeded(Answer answer, String doing) {
        if (!answer.succeeded()) {
            throw unexpected(answer, doing);
        }
        return answer.json();
    }

    private EnvironmentException unexpected(Answer answer, String doing) {
        String what =
                switch (answer.status()) {
                    case 401 -> "it wants other credentials (HTTP 401)";
                    case 403 -> "it does not allow it (HTTP 403)";
                    default -> "it answered HTTP " + answer.status();
                };
        String code = answer.errorCode() == 0 ? "" : ", error " + answer.errorCode();
        String words = answer.message().isEmpty() ? "" : ": " + answer.message();
        return http.unavailable(
                "could not " + doing + " at the schema registry " + answer.server() + ", for " + what + code + words,
                null);
    }

    /** Lenient about names and defaults: what stands in a registry was accepted once, perhaps by older rules. */
    private Schema schema(Answer answer, JsonNode json, String doing) {
        try {
            return new Schema.Parser(NameValidator.NO_VALIDATION)
                    .setValidateDefaults(false)
                    .parse(json.path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw http.unavailable(
                    "could not " + doing + ": " + answer.server() + " answered with something that is no Avro schema",
                    e);
        }
    }

    private static JsonNode submission(Schema schema) {
        return JsonNodeFactory.instance.objectNode().put("schema", schema.toString());
    }

    private static String encoded(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private interface Waiting<T> {
        T get() throws ExecutionException, InterruptedException;
    }

    private <T> T await(Waiting<T> waiting) {
        try {
            return waiting.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw http.unavailable("interrupted while waiting for the schema registry", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("the client of the schema registry was closed while it worked", cause);
        }
    }

    /** Ends requests under way; whoever waits for one gets an {@link IllegalStateException}. */
    @Override
    public void close() {
        http.close();
        // What was queued runs here and finds the client closed, so that nobody waits for ever.
        loaders.shutdownNow().forEach(Runnable::run);
    }
}

package io.sluice.platform.registry;

import static io.sluice.platform.registry.SchemaRegistryContract.ID_ONLY;
import static io.sluice.platform.registry.SchemaRegistryContract.WITH_OPTIONAL;
import static io.sluice.platform.registry.SchemaRegistryContract.WITH_REQUIRED;
import static io.sluice.platform.registry.SchemaRegistryContract.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.registry.RegistrySettings.Patience;
import io.sluice.schemas.codec.UnknownSchemaException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.Schema;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RegistryFaultIT {

    private static final Patience SHORT = new Patience(
            Duration.ofSeconds(2), Duration.ofMillis(500), 4, Duration.ofMillis(20), Duration.ofMillis(100));

    private LocalRegistry registry;
    private FaultyFront front;
    private SchemaRegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = LocalRegistry.startTemporary();
        front = FaultyFront.before(registry.url());
        client = client(front.url());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        front.close();
        registry.close();
    }

    private static SchemaRegistryClient client(String urls) {
        return SchemaRegistryClient.open(RegistrySettings.of(urls).withPatience(SHORT));
    }

    private static void isUnavailable(ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOfSatisfying(EnvironmentException.class, e -> {
            assertThat(e.code()).isEqualTo("REGISTRY_UNAVAILABLE");
            assertThat(e).hasMessageContainingAll(words);
        });
    }

    @Test
    void errorsThatPassAreTriedAgain() {
        front.spoil(1, FaultyFront.status(500, "{\"error_code\":50001,\"message\":\"store\"}"));
        front.spoil(1, FaultyFront.status(503, ""));
        front.spoil(1, FaultyFront.status(429, "slow down", "Retry-After", "0"));

        assertThat(client.register("s", ID_ONLY)).isEqualTo(1);
        assertThat(front.requests()).hasSize(4);
    }

    @Test
    void errorsThatStayEndInUnavailabilityAndTheNextCallAsksAnew() {
        front.spoil(4, FaultyFront.status(500, "{\"error_code\":50001,\"message\":\"disk full\"}"));

        isUnavailable(() -> client.register("s", ID_ONLY), "HTTP 500", "disk full", front.url());
        assertThat(front.requests()).hasSize(4);
        assertThat(client.register("s", ID_ONLY)).isEqualTo(1);
    }

    @Test
    void aServerThatAsksForAPauseGetsIt() {
        front.spoil(1, FaultyFront.status(429, "", "Retry-After", "1"));
        long start = System.nanoTime();

        client.level();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void answersCutShortOrGarbledAreTriedAgain() throws UnknownSchemaException {
        int id = client.register("s", ID_ONLY);
        front.spoil(1, FaultyFront.truncated("{\"schema\":\"{"));
        front.spoil(1, FaultyFront.status(200, "{\"schema\":\"{"));
        front.spoil(1, FaultyFront.status(200, "<html>"));

        assertThat(client.byId(id)).isEqualTo(ID_ONLY);
    }

    @Test
    void aSilentServerAndOneThatTricklesCostABoundedTime() {
        CountDownLatch never = new CountDownLatch(1);
        try {
            front.spoil(2, FaultyFront.silent(never));
            front.spoil(2, FaultyFront.trickling(never));
            long start = System.nanoTime();

            isUnavailable(() -> client.level(), "took longer than 500 ms");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
        } finally {
            never.countDown();
        }
        assertThat(client.level()).isEqualTo(CompatibilityLevel.BACKWARD);
    }

    @Test
    void anAnswerLargerThanTheLimitIsNotTakenInAndNotAskedForAgain() {
        front.spoil(1, FaultyFront.status(200, "{\"schema\":\"" + "x".repeat(200_000) + "\"}"));
        try (SchemaRegistryClient small = SchemaRegistryClient.open(
                RegistrySettings.of(front.url()).withPatience(SHORT).withMaxAnswerBytes(100_000))) {
            isUnavailable(() -> small.byId(1), "larger than the limit of 100000 bytes");
        }
        assertThat(front.requests()).hasSize(1);
    }

    @Test
    void aRestartOfTheServerInTheMiddleIsWaitedOut(@TempDir Path folder) throws Exception {
        LocalRegistry first = LocalRegistry.start(folder);
        try (SchemaRegistryClient patient = SchemaRegistryClient.open(RegistrySettings.of(first.url())
                .withPatience(new Patience(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(2),
                        200,
                        Duration.ofMillis(20),
                        Duration.ofMillis(50))))) {
            int id = patient.register("s", ID_ONLY);
            first.close();
            CompletableFuture<Integer> waiting =
                    CompletableFuture.supplyAsync(() -> patient.register("s", WITH_OPTIONAL));
            assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);

            try (LocalRegistry second = LocalRegistry.start(
                    LocalRegistry.Options.temporary().withDataDir(folder).withPort(first.port()))) {
                assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(id + 1);
                assertThat(second.url()).isEqualTo(first.url());
                assertThat(patient.latest("s").orElseThrow().version()).isEqualTo(2);
            }
        }
    }

    @Test
    void whereOneServerIsDownTheNextIsAskedAndThenStayedWith() throws Exception {
        try (FaultyFront dead = FaultyFront.before(registry.url());
                SchemaRegistryClient both = client(dead.url() + "," + front.url())) {
            String deadUrl = dead.url();
            dead.close();

            assertThat(both.register("s", ID_ONLY)).isEqualTo(1);
            assertThat(both.byId(1)).isEqualTo(ID_ONLY);
            front.spoil(4, FaultyFront.status(503, ""));
            isUnavailable(() -> both.level(), deadUrl, front.url());
        }
    }

    @Test
    void manyThreadsThatWantTheSameShareOneRequest() throws Exception {
        int id = client.register("s", ID_ONLY);
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try (SchemaRegistryClient fresh = client(front.url())) {
            front.requests().clear();
            CountDownLatch gate = front.holdAll();
            List<Future<Schema>> found = new ArrayList<>();
            List<Future<Integer>> registered = new ArrayList<>();
            CountDownLatch started = new CountDownLatch(16);
            for (int i = 0; i < 8; i++) {
                found.add(threads.submit(() -> {
                    started.countDown();
                    return fresh.byId(id);
                }));
                registered.add(threads.submit(() -> {
                    started.countDown();
                    return fresh.register("t", parse(WITH_OPTIONAL.toString()));
                }));
            }
            started.await();
            await().until(() -> front.requests().size() >= 2);
            gate.countDown();

            for (Future<Schema> future : found) {
                assertThat(future.get()).isSameAs(found.get(0).get());
            }
            for (Future<Integer> future : registered) {
                assertThat(future.get()).isEqualTo(2);
            }
            assertThat(front.requests())
                    .containsExactlyInAnyOrder("GET /schemas/ids/" + id, "POST /subjects/t/versions");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whatIsCachedIsNotAskedForAgain() throws UnknownSchemaException {
        int id = client.register("s", ID_ONLY);
        client.byId(id);
        front.requests().clear();

        for (int i = 0; i < 100; i++) {
            client.register("s", parse(ID_ONLY.toString()));
            client.byId(id);
        }

        assertThat(front.requests()).isEmpty();
    }

    @Test
    void aSchemaThatDiffersInItsDocumentationAloneIsRegisteredOnItsOwn() {
        Schema one = parse("{'type':'record','name':'R','fields':[{'name':'id','type':'int','doc':'one'}]}");
        Schema other = parse("{'type':'record','name':'R','fields':[{'name':'id','type':'int','doc':'other'}]}");
        assertThat(one).as("Avro's equality").isEqualTo(other);

        assertThat(client.register("s", one)).isNotEqualTo(client.register("s", other));
    }

    @Test
    void anIdThatAFollowerLearnsLateIsFound() throws UnknownSchemaException {
        int id = client.register("s", ID_ONLY);
        front.spoil(2, FaultyFront.status(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}"));

        assertThat(client.byId(id)).isEqualTo(ID_ONLY);
    }

    @Test
    void anUnknownIdIsConfirmedAndFoundOnceItIsRegistered() throws UnknownSchemaException {
        assertThatThrownBy(() -> client.byId(1)).isInstanceOf(UnknownSchemaException.class);
        assertThat(front.requests()).hasSize(3);
        assertThatThrownBy(() -> client.byId(1)).isInstanceOf(UnknownSchemaException.class);

        client.register("s", ID_ONLY);
        assertThat(client.byId(1)).isEqualTo(ID_ONLY);
    }

    @Test
    void aNotFoundThatIsNotTheRegistrysOwnIsNoProofThatTheIdIsUnknown() {
        front.spoil(1, FaultyFront.status(404, "<html>no such path</html>"));
        isUnavailable(() -> client.byId(1), "HTTP 404", front.url());
        front.spoil(1, FaultyFront.status(302, "", "Location", "http://127.0.0.1:1/elsewhere"));
        isUnavailable(() -> client.byId(1), "HTTP 302");
    }

    @Test
    void aSchemaOfAnotherKindIsNoAvroSchema() {
        front.spoil(1, FaultyFront.status(200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = 1;\"}"));

        assertThatThrownBy(() -> client.byId(1)).isInstanceOf(UnknownSchemaException.class);
    }

    @Test
    void aRefusedSchemaHaltsAndAReadOnlyRegistryIsWaitedFor() {
        front.spoil(1, FaultyFront.status(422, "{\"error_code\":42201,\"message\":\"Invalid\\nschema\"}"));
        assertThatThrownBy(() -> client.register("s", ID_ONLY))
                .isInstanceOf(HaltException.class)
                .hasMessageContainingAll("SCHEMA_REFUSED", "subject s", "Invalid schema");

        front.spoil(1, FaultyFront.status(422, "{\"error_code\":42205,\"message\":\"read-only\"}"));
        isUnavailable(() -> client.register("s", ID_ONLY), "HTTP 422, error 42205: read-only");
    }

    @Test
    void anInterruptedThreadStopsWaitingAndTheOthersKeepTheirAnswer() throws Exception {
        int id = client.register("s", ID_ONLY);
        CountDownLatch gate = front.holdAll();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread first = new Thread(() -> {
            try {
                client.byId(id);
            } catch (Exception e) {
                failure.set(e);
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        first.start();
        front.requests().clear();
        await().until(() -> front.requests().size() == 1);
        CompletableFuture<Schema> second = CompletableFuture.supplyAsync(() -> {
            try {
                return client.byId(id);
            } catch (UnknownSchemaException e) {
                throw new IllegalStateException(e);
            }
        });

        first.interrupt();
        first.join(5_000);

        assertThat(first.isAlive()).isFalse();
        isUnavailable(
                () -> {
                    throw failure.get();
                },
                "interrupted");
        assertThat(flag).isTrue();
        gate.countDown();
        assertThat(second.get()).isEqualTo(ID_ONLY);
    }

    @Test
    void closingEndsWhoeverWaits() {
        CountDownLatch gate = front.holdAll();
        List<CompletableFuture<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String subject = "s-" + i;
            waiting.add(CompletableFuture.supplyAsync(
                    () -> client.register(subject, ID_ONLY), task -> new Thread(task).start()));
        }
        await().until(() -> front.requests().size() == 4);

        client.close();
        client.close();

        for (CompletableFuture<Integer> future : waiting) {
            assertThatThrownBy(() -> future.get(5, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> client.level()).isInstanceOf(IllegalStateException.class);
        gate.countDown();
    }

    @Test
    void wrongCredentialsAreNotTriedAgainAndNoSecretIsEverShown() throws Exception {
        registry.close();
        registry = LocalRegistry.start(LocalRegistry.Options.temporary().withBasicAuth("alice", "right-horse"));
        try (FaultyFront guarded = FaultyFront.before(registry.url())) {
            String address = guarded.url().replace("http://", "http://alice:wrong-horse@");
            RegistrySettings settings = RegistrySettings.of(address).withPatience(SHORT);
            assertThat(settings.toString()).doesNotContain("wrong-horse").contains("alice");
            try (SchemaRegistryClient wrong = SchemaRegistryClient.open(settings)) {
                showsNo("wrong-horse", () -> wrong.register("s", ID_ONLY), "HTTP 401", "credentials");
                assertThat(guarded.requests()).hasSize(1);

                guarded.spoil(
                        1,
                        FaultyFront.status(
                                403, "{\"message\":\"alice:wrong-horse may not, nor\\nYWxpY2U6d3JvbmctaG9yc2U=\"}"));
                showsNo("wrong-horse", () -> wrong.level(), "HTTP 403", "***");
                guarded.spoil(1, FaultyFront.status(403, "{\"message\":\"not YWxpY2U6d3JvbmctaG9yc2U=\"}"));
                showsNo("YWxpY2U6d3JvbmctaG9yc2U=", () -> wrong.level(), "HTTP 403", "***");
                guarded.spoil(4, FaultyFront.status(500, "{\"message\":\"wrong-horse\"}"));
                showsNo("wrong-horse", () -> wrong.level(), "HTTP 500");
            }
            try (SchemaRegistryClient right = SchemaRegistryClient.open(
                    settings.withCredentials(new RegistryCredentials.Basic("alice", "right-horse")))) {
                assertThat(right.register("s", ID_ONLY)).isEqualTo(1);
            }
        }
    }

    @Test
    void aBearerTokenIsSentAndNotShown() {
        front.spoil(1, FaultyFront.status(401, "{\"message\":\"token tok-123 is stale\"}"));
        RegistrySettings settings =
                RegistrySettings.of(front.url()).withCredentials(new RegistryCredentials.Bearer("tok-123"));
        assertThat(settings.toString()).doesNotContain("tok-123");
        try (SchemaRegistryClient bearer = SchemaRegistryClient.open(settings)) {
            showsNo("tok-123", () -> bearer.register("s", WITH_REQUIRED), "HTTP 401");
        }
        assertThat(front.authorizations()).containsExactly("Bearer tok-123");
    }

    private static void showsNo(String secret, ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOf(EnvironmentException.class).satisfies(e -> {
            StringWriter everything = new StringWriter();
            e.printStackTrace(new PrintWriter(everything));
            assertThat(everything.toString()).contains(words).doesNotContain(secret);
        });
    }
}

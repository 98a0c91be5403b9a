package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.GenuineClient;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.pipeline.KafkaSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice run} as users run it: in processes of its own, which may die at any moment. */
class RunIT {

    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private Database source;
    private Database target;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void databases() throws Exception {
        source = PostgresServer.shared().freshDatabase("run_source");
        target = PostgresServer.shared().freshDatabase("run_target");
        environment.put("SOURCE_URL", source.url());
        environment.put("TARGET_URL", target.url());
        try (Connection connection = open(source);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE \"Odd Table\" (id bigint PRIMARY KEY, counter int NOT NULL, note text)");
            statement.execute(
                    "INSERT INTO \"Odd Table\" SELECT g, 0, repeat('x', g % 50) FROM generate_series(1, 3000) g");
        }
    }

    private static Connection open(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    /** A slot's name counts for the whole server, which these tests share: so each has a pipeline name of its own. */
    private Path pipeline(String name, String servers) throws Exception {
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                "pipeline: " + name + "\n" + servers
                        + """
                        sources: {monolith: {postgresql: "${env:SOURCE_URL}"}}
                        services:
                          one:
                            target: {postgresql: "${env:TARGET_URL}"}
                            partitions: 3
                            tables: {"Odd Table": {from: "monolith.public.Odd Table"}}
                        """);
    }

    private SluiceProcess run(Path file, String... more) throws Exception {
        String[] arguments = new String[more.length + 2];
        arguments[0] = "run";
        arguments[1] = file.toString();
        System.arraycopy(more, 0, arguments, 2, more.length);
        return SluiceProcess.start(folder.resolve(String.join("", more) + ".log"), environment, arguments);
    }

    private void change(int from, int to) throws SQLException {
        try (Connection connection = open(source);
                Statement statement = connection.createStatement()) {
            for (int i = from; i < to; i++) {
                statement.execute("UPDATE \"Odd Table\" SET counter = counter + 1 WHERE id % 100 = " + i % 100);
                statement.execute("DELETE FROM \"Odd Table\" WHERE id = " + (i * 7 + 1));
                statement.execute("INSERT INTO \"Odd Table\" VALUES (" + (10_000 + i) + ", 1, NULL)");
            }
        }
    }

    private void awaitEqual(SluiceProcess process) throws IOException {
        try {
            awaitEqual();
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("It printed:\n" + process.printed(), e);
        }
    }

    private void awaitEqual() {
        awaitEqual("Odd Table");
    }

    private void awaitEqual(String table) {
        Awaitility.await("target equal to source")
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    try (Connection one = open(source);
                            Connection two = open(target)) {
                        return Comparison.compare(one, two, table).isEqual();
                    }
                });
    }

    @Test
    void rolesInProcessesOfTheirOwnSurviveKills() throws Exception {
        try (LocalStack stack = LocalStack.startTemporary(Part.KAFKA, Part.REGISTRY)) {
            Path file = pipeline(
                    "roles",
                    "kafka: {bootstrap: \"" + stack.kafkaBootstrap() + "\"}\nregistry: {url: \"" + stack.registryUrl()
                            + "\"}\n");
            try (SluiceProcess capture = run(file, "--role", "source");
                    SluiceProcess transform = run(file, "--role", "transform");
                    SluiceProcess sink = run(file, "--role", "sink")) {
                change(0, 20);
                awaitEqual();
                change(20, 60);
                sink.killNine();
                capture.killNine();
                change(60, 100);
                transform.killNine();
            }
            try (SluiceProcess capture = run(file, "--role", "source");
                    SluiceProcess rest = run(file, "--role", "transform,sink")) {
                change(100, 140);
                awaitEqual();
                assertThatAStrangerCanReadEverything(stack);
                assertThat(capture.stop()).isEqualTo(143);
                assertThat(rest.stop()).isEqualTo(143);
            }
        }
    }

    /** With Confluent's own client, from the first record to the last. */
    private static void assertThatAStrangerCanReadEverything(LocalStack stack) throws Exception {
        GenuineClient stranger = new GenuineClient(stack.registryUrl());
        Map<String, Object> properties = KafkaConnection.of(KafkaSpec.at(stack.kafkaBootstrap()), 1 << 20)
                .consumer();
        int changes = 0;
        int rows = 0;
        int tombstones = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic :
                    List.of("roles.one.changes.monolith.public.Odd-20Table", "roles.one.rows.Odd-20Table")) {
                consumer.partitionsFor(topic)
                        .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition())));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.key() == null) {
                        // Where a load begins or ends: all of it is in headers.
                        assertThat(record.value()).isNull();
                        continue;
                    }
                    Object id = stranger.read(record.key()).get("id");
                    if (record.value() == null) {
                        tombstones++;
                    } else if (record.topic().contains("changes")) {
                        GenericRecord change = stranger.read(record.value());
                        GenericRecord after = (GenericRecord) change.get("after");
                        assertThat(change.get("op").toString()).isEqualTo(after == null ? "delete" : "upsert");
                        assertThat(after == null ? id : after.get("id")).isEqualTo(id);
                        changes++;
                    } else {
                        assertThat(stranger.read(record.value()).get("id")).isEqualTo(id);
                        rows++;
                    }
                }
            }
        }
        assertThat(changes).isGreaterThan(3_000);
        assertThat(rows).isGreaterThan(3_000);
        assertThat(tombstones).isPositive();
    }

    @Test
    void embeddedServersLiveBesideTheFileAndItGoesOnWhereItWas() throws Exception {
        Path file = pipeline("embedded", "");
        try (SluiceProcess first = run(file)) {
            first.awaitLine("embedded servers run");
            awaitEqual(first);
            first.stop();
        }
        change(0, 50);
        try (SluiceProcess second = run(file)) {
            awaitEqual(second);
            second.killNine();
        }
        change(50, 90);
        try (SluiceProcess third = run(file)) {
            awaitEqual(third);
            assertThat(ask(third, "/ready")).isEqualTo("ready\n");
            assertThat(ask(third, "/status")).contains("\"source monolith\"", "\"streaming\"", "Odd Table");
            assertThat(ask(third, "/metrics"))
                    .contains("sluice_sink_rows_total{", "sluice_source_changes_total{", "jvm_memory_used_bytes");
            assertThat(third.printed()).doesNotContain(source.password()).doesNotContain("Exception");
            third.stop();
        }
    }

    @Test
    void aTruncatedTableComesBackWithABackfillAndALostSlotWithANewEpoch() throws Exception {
        Path file = pipeline("again", "");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "tables: {",
                                "tables: {other: {from: monolith.public.other, on-truncate: resnapshot}, "));
        sql(
                "CREATE TABLE other (id int PRIMARY KEY, counter int)",
                "INSERT INTO other SELECT g, 0 FROM generate_series(1, 100) g");
        try (SluiceProcess first = run(file)) {
            awaitEqual(first);
            awaitEqual("other");
            sql(
                    "BEGIN; TRUNCATE other; INSERT INTO other SELECT g, 1 FROM generate_series(90, 110) g; COMMIT",
                    "TRUNCATE \"Odd Table\"",
                    "INSERT INTO \"Odd Table\" SELECT g, 7, 'new' FROM generate_series(5, 700) g");
            first.awaitLine("halted, the others go on");
            try (SluiceProcess backfill = SluiceProcess.start(
                    folder.resolve("backfill.log"),
                    environment,
                    "backfill",
                    file.toString(),
                    "--table",
                    "monolith.public.Odd Table")) {
                assertThat(backfill.awaitExit()).as(backfill.printed()).isZero();
            }
            awaitEqual(first);
            awaitEqual("other");
            first.stop();
        }
        Awaitility.await()
                .atMost(LONG)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    sql(
                            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name LIKE 'sluice\\_again\\_%'");
                    return true;
                });
        sql("DELETE FROM \"Odd Table\" WHERE id < 100", "UPDATE \"Odd Table\" SET counter = 8 WHERE id > 600");
        try (SluiceProcess halted = run(file)) {
            halted.awaitLine("SLOT_LOST");
            assertThat(halted.printed()).contains("--new-epoch monolith");
            assertThat(ask(halted, "/ready")).isEqualTo("not ready\n");
            assertThat(ask(halted, "/status")).contains("\"halted\"", "SLOT_LOST", "--new-epoch monolith");
            assertThat(ask(halted, "/metrics"))
                    .contains("sluice_stage_halted{pipeline=\"again\",stage=\"source monolith\"} 1");
            halted.stop();
        }
        try (SluiceProcess second = run(file, "--new-epoch", "monolith")) {
            awaitEqual(second);
            change(200, 220);
            awaitEqual(second);
            second.stop();
        }
    }

    /** What the process answers at the address that it printed, after those of former ones. */
    private static String ask(SluiceProcess process, String path) throws Exception {
        Matcher address = Pattern.compile("answers at (http://\\S+):").matcher(process.printed());
        String last =
                address.results().reduce((one, next) -> next).orElseThrow().group(1);
        HttpRequest request = HttpRequest.newBuilder(URI.create(last + path)).build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new AssertionError(request.uri() + " does not answer. It printed:\n" + process.printed(), e);
        }
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = open(source);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    @Test
    void whatIsWrongWithTheServersIsSaidBeforeAnythingStarts() throws Exception {
        try (Connection connection = open(source);
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE \"Odd Table\"; CREATE TABLE \"Odd Table\" (id bigint)");
        }
        try (SluiceProcess process = run(pipeline("wrong", ""))) {
            assertThat(process.awaitExit()).isIn(2, 3);
            assertThat(process.printed()).contains("Odd Table").contains("key").doesNotContain("at io.sluice");
        }
    }
}

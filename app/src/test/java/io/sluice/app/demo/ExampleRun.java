package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.localstack.testing.NeededServer;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.pipeline.KafkaSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import org.bson.Document;

/** One example with databases of its own. Before its last step it is killed and started again. */
final class ExampleRun implements AutoCloseable {

    private static final Pattern ADDRESS =
            Pattern.compile("(postgresql|timescaledb|mongodb): \"\\$\\{env:([A-Z_]+)}\"");

    private final ExampleScript script;
    private final Path folder;
    private final Path file;
    private final String pipeline;
    private final LocalStack stack;
    private final Map<String, Database> databases = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private String source = "";
    private String mongoDatabase = "";

    ExampleRun(Path example, Path folder, LocalStack stack) throws Exception {
        this.script = ExampleScript.read(example.resolve("end-to-end.yaml"));
        this.folder = folder;
        this.stack = stack;
        this.file = folder.resolve(script.pipeline());
        String text = Files.readString(example.resolve(script.pipeline()));
        for (Map.Entry<String, String> each : script.replace().entrySet()) {
            assertThat(text).as("there is nothing to replace").contains(each.getKey());
            text = text.replace(each.getKey(), each.getValue());
        }
        pipeline = Pattern.compile("(?m)^pipeline: (.+)$")
                .matcher(text)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        servers(text);
        Files.writeString(
                file,
                text + "\nkafka: {bootstrap: \"" + stack.kafkaBootstrap() + "\"}\nregistry: {url: \""
                        + stack.registryUrl() + "\"}\n");
        compile(example.resolve("src"));
    }

    /** Each address that the file asks for; the first is the source's. A target is of the kind that it asks for. */
    private void servers(String text) {
        Matcher addresses = ADDRESS.matcher(text);
        while (addresses.find()) {
            String variable = addresses.group(2);
            if (source.isEmpty()) {
                source = variable;
            }
            if (addresses.group(1).equals("mongodb")) {
                mongoDatabase = pipeline;
                environment.put(variable, MongoServer.shared().uri());
            } else {
                boolean timescale = addresses.group(1).equals("timescaledb");
                if (timescale) {
                    NeededServer.timescale();
                }
                PostgresServer server = timescale ? PostgresServer.sharedTimescale() : PostgresServer.shared();
                Database database = server.freshDatabase("example");
                databases.put(variable, database);
                environment.put(variable, database.url());
            }
        }
    }

    private void compile(Path sources) throws IOException {
        if (!Files.isDirectory(sources)) {
            return;
        }
        List<String> arguments = new ArrayList<>(List.of(
                "--release",
                "17",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.resolve("target/classes").toString()));
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(Files::isRegularFile).map(Path::toString).forEach(arguments::add);
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(new String[0])))
                .isZero();
    }

    void play() throws Exception {
        List<ExampleScript.Step> steps = script.steps();
        ExampleScript.Step last = steps.get(steps.size() - 1);
        act(steps.get(0));
        try (SluiceProcess first = start()) {
            await(first, steps.get(0));
            for (ExampleScript.Step step : steps.subList(1, steps.size() - 1)) {
                act(step);
                await(first, step);
            }
            first.killNine();
        }
        act(last);
        try (SluiceProcess second = start()) {
            await(second, last);
            assertThat(second.stop()).isEqualTo(143);
        }
    }

    private SluiceProcess start() throws IOException {
        return SluiceProcess.startOfImage(folder.resolve("run.log"), environment, "run", file.toString());
    }

    private void act(ExampleScript.Step step) throws SQLException {
        for (Map.Entry<String, String> foreign : step.foreign().entrySet()) {
            execute(foreign.getKey(), foreign.getValue());
        }
        if (step.demoRows() > 0) {
            try (Connection connection = open(source)) {
                Monolith.create(connection, step.demoRows());
            }
        }
        if (!step.sql().isEmpty()) {
            execute(source, step.sql());
        }
        if (!step.commands().isEmpty()) {
            try (MongoClient client = MongoClients.create(MongoServer.shared().uri())) {
                MongoDatabase database = client.getDatabase(mongoDatabase);
                step.commands().forEach(command -> database.runCommand(Document.parse(command)));
            }
        }
    }

    private void await(SluiceProcess process, ExampleScript.Step step) throws Exception {
        for (ExampleScript.Expectation expected : step.expected()) {
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(90))
                        .pollInterval(Duration.ofMillis(100))
                        .ignoreExceptionsInstanceOf(SQLException.class)
                        .failFast("it ended by itself", () -> !process.isAlive())
                        .untilAsserted(() -> assertThat(found(expected)).isEqualTo(wanted(expected)));
            } catch (ConditionTimeoutException | TerminalFailureException e) {
                throw new AssertionError(
                        step.name() + ": " + e.getMessage() + "\n" + expected.query() + "\nIt printed:\n"
                                + process.printed(),
                        e);
            }
        }
        for (Map.Entry<String, List<String>> letters : step.deadLetters().entrySet()) {
            assertThat(deadLetters(letters.getKey()))
                    .as(step.name() + ": dead letters of " + letters.getKey())
                    .containsExactlyInAnyOrderElementsOf(letters.getValue());
        }
    }

    private List<String> found(ExampleScript.Expectation expected) throws SQLException {
        return rows(expected.target(), expected.query());
    }

    private List<String> wanted(ExampleScript.Expectation expected) throws SQLException {
        return expected.source() == null ? expected.rows().stream().sorted().toList() : rows(source, expected.source());
    }

    private List<String> rows(String variable, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = open(variable);
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            try (ResultSet result = statement.executeQuery(query)) {
                while (result.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                        row.add(String.valueOf(result.getString(i)));
                    }
                    rows.add(String.join(" | ", row));
                }
            }
        }
        return rows.stream().sorted().toList();
    }

    private void execute(String variable, String sql) throws SQLException {
        try (Connection connection = open(variable);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection open(String variable) throws SQLException {
        Database database = databases.get(variable);
        if (database == null) {
            throw new IllegalArgumentException("the pipeline file names no database " + variable);
        }
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    /** What each letter says: its rule, or the problem. */
    private List<String> deadLetters(String service) {
        List<String> letters = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                KafkaConnection.of(KafkaSpec.at(stack.kafkaBootstrap()), 1 << 20)
                        .consumer(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(pipeline + "." + service + ".dead-letters").stream()
                            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    DeadLetter.read(record)
                            .map(DeadLetter::verdict)
                            .map(ExampleRun::said)
                            .ifPresent(letters::add);
                }
            }
        }
        return letters;
    }

    private static String said(Verdict verdict) {
        return verdict.rule() == null ? verdict.problem() : "rule " + verdict.rule();
    }

    /** Other tests share the server, and may need its slots. */
    @Override
    public void close() throws SQLException {
        if (!mongoDatabase.isEmpty()) {
            try (MongoClient client = MongoClients.create(MongoServer.shared().uri())) {
                client.getDatabase(mongoDatabase).drop();
            }
            return;
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    for (String variable : databases.keySet()) {
                        execute(
                                variable,
                                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                                        + " WHERE database = current_database()");
                    }
                    return true;
                });
    }
}

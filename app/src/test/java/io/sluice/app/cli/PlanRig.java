package io.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.localstack.testing.Database;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.pipeline.KafkaSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/** A pipeline file of one source and one service, with servers for the rest, and commands on it. */
final class PlanRig implements AutoCloseable {

    private final LocalStack stack = LocalStack.startTemporary(Part.KAFKA, Part.REGISTRY);
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Cli cli = new Cli(new Console(new PrintWriter(out), new PrintWriter(err), false));

    /** @param services without indentation */
    Path pipeline(Path folder, String name, Database source, Database target, String services) throws IOException {
        Files.writeString(folder.resolve("source"), source.url());
        Files.writeString(folder.resolve("target"), target.url());
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                """
                pipeline: %s
                kafka: {bootstrap: "%s"}
                registry: {url: "%s"}
                sources: {monolith: {postgresql: "${file:source}"}}
                services:
                %s"""
                        .formatted(name, stack.kafkaBootstrap(), stack.registryUrl(), services.indent(2)));
    }

    static void execute(Database database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static List<String> query(Database database, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                rows.add(found.getString(1));
            }
        }
        return rows;
    }

    Set<String> topics() throws Exception {
        try (Admin admin = Admin.create(KafkaConnection.of(KafkaSpec.at(stack.kafkaBootstrap()), 1 << 20)
                .admin())) {
            return admin.listTopics().names().get(60, TimeUnit.SECONDS);
        }
    }

    /** What a command prints; it ends with that code. */
    String run(int exitCode, String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        assertThat(cli.run(arguments)).as("%s%s", out, err).isEqualTo(exitCode);
        return out.toString();
    }

    JsonNode planned(int exitCode, Path file, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("plan", file.toString(), "--json"));
        arguments.addAll(List.of(more));
        return new ObjectMapper().readTree(run(exitCode, arguments.toArray(String[]::new)));
    }

    /** Each of them has a remedy. */
    static List<String> findings(JsonNode plan) {
        List<String> findings = new ArrayList<>();
        for (JsonNode finding : plan.path("findings")) {
            assertThat(finding.path("remedy").asText()).as(finding.toString()).isNotBlank();
            findings.add(finding.path("severity").asText() + " "
                    + finding.path("place").asText() + ": "
                    + finding.path("problem").asText());
        }
        return findings;
    }

    static List<String> creations(JsonNode plan) {
        List<String> creations = new ArrayList<>();
        plan.path("creations")
                .forEach(creation -> creations.add(creation.path("kind").asText() + " "
                        + creation.path("name").asText()));
        return creations;
    }

    @Override
    public void close() {
        stack.close();
    }
}

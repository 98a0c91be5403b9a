package io.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.localstack.testing.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.stream.Stream;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewIT {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Cli cli = new Cli(new Console(new PrintWriter(out), new PrintWriter(err), false));
    private final String mongoName = MongoServer.shared().uniqueName("preview");

    @TempDir
    private Path folder;

    private Path pipeline(Database source) throws Exception {
        Files.writeString(folder.resolve("password"), source.password());
        Files.writeString(folder.resolve("mongo"), MongoServer.shared().uri());
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                """
                pipeline: shop
                sources:
                  monolith: {postgresql: "postgresql://%s:${file:password}@%s:%d/%s"}
                  documents: {mongodb: "${file:mongo}"}
                services:
                  billing:
                    target: {postgresql: "postgresql://localhost:1/none"}
                    partitions: 1
                    tables:
                      invoices:
                        from: monolith.public.invoices
                        columns: {amount: {from: total}, state: {constant: open}}
                      notes: {from: monolith.public.invoices, key: [note]}
                      letters:
                        from: documents.%s.letters
                        columns: {id: {from: _id, type: text}, name: {type: text}}
                        key: [id]
                """
                        .formatted(source.user(), source.host(), source.port(), source.name(), mongoName));
    }

    @Test
    void realRowsAreShownWithWhatBecomesOfThemAndNothingIsWritten() throws Exception {
        Database source = PostgresServer.shared().freshDatabase("preview");
        try (Connection connection = DriverManager.getConnection(source.jdbcUrl(), source.user(), source.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE invoices (id bigint PRIMARY KEY, total numeric(10,2), note text);"
                    + "ALTER TABLE invoices REPLICA IDENTITY FULL;"
                    + "INSERT INTO invoices VALUES (1, 9.90, E'a\\tb'), (2, NULL, NULL), (3, 1, 'c')");
            Path file = pipeline(source);

            assertThat(cli.run("preview", file.toString(), "--table", "billing.invoices", "--limit", "2"))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString())
                    .startsWith(
                            """
                            monolith.public.invoices
                                id     1
                                total  9.90
                                note   "a\\tb"
                              becomes in invoices
                                id      1
                                amount  9.90
                                note    "a\\tb"
                                state   open
                            """)
                    .endsWith("\n2 rows, 0 rejected; nothing was written\n");

            out.getBuffer().setLength(0);
            assertThat(cli.run("preview", file.toString(), "--table", "billing.notes", "--json"))
                    .isZero();
            JsonNode rows = new ObjectMapper().readTree(out.toString()).path("rows");
            assertThat(rows).hasSize(3);
            assertThat(rows.path(0)
                            .path("changes")
                            .path(0)
                            .path("upsert")
                            .path("note")
                            .asText())
                    .isEqualTo("a\tb");
            assertThat(rows.path(1).path("rejected").asText()).contains("key column note");
            assertThat(out.toString()).doesNotContain(source.password());

            try (MongoClient client = MongoClients.create(MongoServer.shared().uri())) {
                client.getDatabase(mongoName)
                        .getCollection("letters")
                        .insertOne(new Document("_id", "x").append("name", "ada"));
                out.getBuffer().setLength(0);
                assertThat(cli.run("preview", file.toString(), "--table", "billing.letters"))
                        .as(err.toString())
                        .isZero();
                assertThat(out.toString()).contains("  becomes in letters\n    id    x\n    name  ada\n");
            }
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(each -> each.getFileName().toString()))
                        .containsExactlyInAnyOrder("pipeline.yaml", "password", "mongo");
            }
        }
    }

    @Test
    void aTableThatNobodyHasIsTheUsersMistake() throws Exception {
        Path file = pipeline(PostgresServer.shared().freshDatabase("preview_missing"));

        assertThat(cli.run("preview", file.toString(), "--table", "biling.invoices"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("the services here: billing");
        assertThat(cli.run("preview", file.toString(), "--table", "billing.invoices"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("there is no table monolith.public.invoices");
    }
}

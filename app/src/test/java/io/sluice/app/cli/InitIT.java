package io.sluice.app.cli;

import static io.sluice.app.cli.PlanRig.execute;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.localstack.testing.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitIT {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Cli cli = new Cli(new Console(new PrintWriter(out), new PrintWriter(err), false));

    @TempDir
    private Path folder;

    @Test
    void aDatabaseBecomesAFileThatPlans() throws Exception {
        Database source = PostgresServer.shared().freshDatabase("init_source");
        Database target = PostgresServer.shared().freshDatabase("init_target");
        execute(
                source,
                """
                CREATE TABLE orders (id bigserial PRIMARY KEY, note text);
                CREATE TABLE "yes" (id int PRIMARY KEY);
                CREATE TABLE "Odd: \\ ""q"" {Table}" (id int PRIMARY KEY);
                CREATE TABLE "${env:HOME}" (id int PRIMARY KEY);
                CREATE TABLE "a.b" (id int PRIMARY KEY);
                CREATE TABLE keyless (id int);
                CREATE VIEW seen AS SELECT * FROM orders;
                CREATE SCHEMA own;
                CREATE TABLE own.parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE own.parts_1 PARTITION OF own.parts FOR VALUES FROM (0) TO (10)""");
        Path file = folder.resolve("pipeline.yaml");

        assertThat(cli.run("init", file.toString(), "--source-url", source.url(), "--service", "Billing dept"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains(": 4 tables. Next:\n").contains("sluice plan " + file);
        String text = Files.readString(file);
        assertThat(text)
                .contains("  billing-dept:\n")
                .contains("      orders: {from: " + name(source) + ".public.orders}\n")
                .contains("      \"yes\": {from: " + name(source) + ".public.yes}\n")
                .contains("      own.parts: {from: " + name(source) + ".own.parts}\n")
                .contains("      # Left out: ${ in a name")
                .contains("      # Left out: it has no primary key.\n      # keyless: ")
                .doesNotContain("parts_1", "seen")
                .doesNotContain(source.url());

        assertThat(cli.run("init", file.toString(), "--source-url", source.url()))
                .isEqualTo(2);
        assertThat(Files.readString(file)).isEqualTo(text);

        // Kafka and registry are embedded, and were never begun: a plan leaves it so.
        Map<String, String> environment = Map.of("SOURCE_URL", source.url(), "TARGET_URL", target.url());
        try (SluiceProcess plan =
                SluiceProcess.start(folder.resolve("plan.log"), environment, "plan", file.toString())) {
            assertThat(plan.awaitExit()).as(plan.printed()).isZero();
            assertThat(plan.printed()).contains("`sluice run` starts.");
        }
        assertThat(folder.resolve(".sluice")).doesNotExist();
    }

    private static String name(Database database) {
        return database.name().replace('_', '-');
    }

    @Test
    void collectionsBecomeRowsOfTheirDocuments() throws Exception {
        String database = MongoServer.shared().uniqueName("init");
        try (MongoClient client = MongoClients.create(MongoServer.shared().uri())) {
            client.getDatabase(database).getCollection("users").insertOne(new Document("_id", "x"));
        }
        Path file = folder.resolve("documents.yaml");
        assertThat(cli.run(
                        "init",
                        file.toString(),
                        "--source-url",
                        MongoServer.shared().uri(),
                        "--schema",
                        database))
                .as(err.toString())
                .isZero();
        assertThat(Files.readString(file)).contains("      users: {from: ").contains("." + database + ".users}\n");
    }

    @Test
    void whatIsMissingIsSaid() throws Exception {
        Database empty = PostgresServer.shared().freshDatabase("init_empty");
        Path file = folder.resolve("none.yaml");
        assertThat(cli.run("init", file.toString(), "--source-url", empty.url()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("there are no tables").doesNotContain(empty.password());
        assertThat(file).doesNotExist();
    }
}

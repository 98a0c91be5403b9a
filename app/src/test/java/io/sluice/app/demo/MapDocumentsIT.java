package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.localstack.testing.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.bson.Document;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From documents of MongoDB to rows of PostgreSQL, by {@code sluice run} alone. */
class MapDocumentsIT {

    private static final ObjectId ANN = new ObjectId("5f0000000000000000000001");
    private static final ObjectId BOB = new ObjectId("5f0000000000000000000002");

    @TempDir
    private Path folder;

    private Path pipeline(String database, LocalStack stack) throws Exception {
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                """
                pipeline: mapdocs
                kafka: {bootstrap: "%s"}
                registry: {url: "%s"}
                sources: {app: {mongodb: "${env:MONGO_URI}"}}
                services:
                  accounts:
                    target: {postgresql: "${env:TARGET_URL}"}
                    partitions: 2
                    tables:
                      users:
                        from: app.%s.users
                        flatten: [address]
                        columns:
                          id: {generated: uuid-from(_id)}
                          source_id: {from: _id}
                          username:
                          created_at: {type: timestamptz}
                          is_active: {default: true}
                          balance: {type: "numeric(18,8)"}
                          address_city:
                          tags: {type: "text[]"}
                          initial: {expr: "username.substring(0, 1).upperAscii()"}
                        overflow: other_fields
                        rules: {named: username != null}
                      active_users:
                        from: app.%s.users
                        where: "is_active != false"
                        columns:
                          source_id: {from: _id}
                """
                        .formatted(stack.kafkaBootstrap(), stack.registryUrl(), database, database));
    }

    private static List<String> rows(Database target, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(target.jdbcUrl(), target.user(), target.password());
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT row_to_json(r)::text FROM (" + query + ") r")) {
            while (found.next()) {
                rows.add(found.getString(1));
            }
        }
        return rows;
    }

    private static void await(SluiceProcess process, Database target, String query, String... expected)
            throws Exception {
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(100))
                    .ignoreExceptionsInstanceOf(SQLException.class)
                    .until(() -> rows(target, query).equals(List.of(expected)));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("there are " + rows(target, query) + "; it printed:\n" + process.printed(), e);
        }
    }

    @Test
    void documentsBecomeTypedRowsAndFollowTheirChanges() throws Exception {
        Database target = PostgresServer.shared().freshDatabase("mapdocs_target");
        String name = MongoServer.shared().uniqueName("mapdocs");
        try (MongoClient client = MongoClients.create(MongoServer.shared().uri());
                LocalStack stack = LocalStack.startTemporary(Part.KAFKA, Part.REGISTRY)) {
            MongoCollection<Document> users = client.getDatabase(name).getCollection("users");
            users.insertMany(List.of(
                    new Document("_id", ANN)
                            .append("username", "ann")
                            .append("created_at", Date.from(Instant.parse("2026-01-02T03:04:05.678Z")))
                            .append("balance", Decimal128.parse("10.50"))
                            .append("address", new Document("city", "Bern").append("floor", 2))
                            .append("tags", List.of("a", "b"))
                            .append("extra", 7L),
                    new Document("_id", BOB).append("username", "bob").append("is_active", false)));
            Map<String, String> environment =
                    Map.of("MONGO_URI", MongoServer.shared().uri(), "TARGET_URL", target.url());
            try (SluiceProcess run = SluiceProcess.start(
                    folder.resolve("run.log"),
                    environment,
                    "run",
                    pipeline(name, stack).toString())) {
                String all = "SELECT source_id, username, created_at AT TIME ZONE 'UTC' AS created, is_active, balance,"
                        + " address_city, tags, initial, other_fields FROM users ORDER BY source_id";
                await(
                        run,
                        target,
                        all,
                        "{\"source_id\":\"" + ANN + "\",\"username\":\"ann\",\"created\":\"2026-01-02T03:04:05.678\","
                                + "\"is_active\":true,\"balance\":10.50000000,\"address_city\":\"Bern\","
                                + "\"tags\":[\"a\",\"b\"],\"initial\":\"A\","
                                + "\"other_fields\":{\"extra\": 7, \"address\": {\"floor\": 2}}}",
                        "{\"source_id\":\"" + BOB + "\",\"username\":\"bob\",\"created\":null,"
                                + "\"is_active\":false,\"balance\":null,\"address_city\":null,"
                                + "\"tags\":null,\"initial\":\"B\",\"other_fields\":{}}");
                await(run, target, "SELECT source_id FROM active_users", "{\"source_id\":\"" + ANN + "\"}");
                users.updateOne(
                        Filters.eq(ANN), Updates.combine(Updates.unset("balance"), Updates.set("is_active", false)));
                users.updateOne(Filters.eq(BOB), Updates.set("is_active", true));
                await(run, target, "SELECT source_id FROM active_users", "{\"source_id\":\"" + BOB + "\"}");
                users.deleteOne(Filters.eq(BOB));
                await(
                        run,
                        target,
                        "SELECT source_id, balance, is_active FROM users",
                        "{\"source_id\":\"" + ANN + "\",\"balance\":null,\"is_active\":false}");
                await(run, target, "SELECT source_id FROM active_users");
                assertThat(rows(target, "SELECT id FROM users")).hasSize(1);
                run.stop();
            }
            client.getDatabase(name).drop();
        }
    }
}

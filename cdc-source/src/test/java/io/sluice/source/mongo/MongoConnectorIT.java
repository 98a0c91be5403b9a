package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.ChangeStreamPreAndPostImagesOptions;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.sluice.localstack.mongo.LocalMongo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That Debezium's connector runs against the stand-in as it would against a replica set. */
class MongoConnectorIT {

    @TempDir
    private Path data;

    @TempDir
    private Path offsets;

    private LocalMongo mongo;
    private MongoClient client;
    private MongoCollection<Document> users;

    @BeforeEach
    void start() {
        mongo = LocalMongo.start(data);
        client = MongoClients.create(mongo.uri());
        users = client.getDatabase("app").getCollection("users");
    }

    @AfterEach
    void stop() {
        client.close();
        mongo.close();
    }

    private Connector connect(Map<String, String> settings) {
        return Connector.start(mongo.uri(), offsets.resolve("offsets"), settings);
    }

    private static List<Document> documents(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(id -> new Document("_id", id).append("name", "user " + id))
                .toList();
    }

    @Test
    void readsASnapshotThenStreamsThenGoesOnFromItsOffsetAfterBothRestarted() {
        users.insertMany(documents(0, 500));
        client.getDatabase("app").getCollection("ignored").insertOne(new Document());

        try (Connector connector = connect(Map.of())) {
            assertThat(connector.next(500))
                    .allSatisfy(change -> assertThat(change.operation()).isEqualTo("r"))
                    .extracting(Connector.Change::id)
                    .doesNotHaveDuplicates();

            users.insertOne(new Document("_id", 1000).append("name", "new"));
            users.updateOne(Filters.eq(1000), Updates.set("name", "newer"));
            users.replaceOne(Filters.eq(1000), new Document("title", "other"));
            users.deleteOne(Filters.eq(1000));

            List<Connector.Change> changes = connector.next(4);
            assertThat(changes).extracting(Connector.Change::operation).containsExactly("c", "u", "u", "d");
            assertThat(changes.get(0).after()).contains("\"name\": \"new\"");
            assertThat(changes.get(2).after()).contains("\"title\": \"other\"").doesNotContain("name");
            assertThat(changes.get(3).after()).isNull();
        }

        users.insertMany(documents(2000, 2010));
        client.close();
        mongo.close();
        start();
        users.insertMany(documents(2010, 2020));

        try (Connector connector = connect(Map.of())) {
            List<Connector.Change> changes = connector.next(20);
            assertThat(changes).extracting(Connector.Change::operation).containsOnly("c");
            assertThat(changes)
                    .extracting(Connector.Change::id)
                    .containsExactlyElementsOf(
                            IntStream.range(2000, 2020).boxed().toList());
        }
    }

    @Test
    void streamsOneDatabaseWithImagesBeforeAndAfter() {
        client.getDatabase("app")
                .createCollection(
                        "users",
                        new CreateCollectionOptions()
                                .changeStreamPreAndPostImagesOptions(new ChangeStreamPreAndPostImagesOptions(true)));
        users.insertOne(new Document("_id", 1).append("v", 1));

        try (Connector connector = connect(Map.of(
                "capture.scope", "database",
                "capture.target", "app",
                "capture.mode", "change_streams_update_full_with_pre_image",
                "capture.mode.full.update.type", "post_image"))) {
            connector.next(1);
            users.updateOne(Filters.eq(1), Updates.set("v", 2));
            users.updateOne(Filters.eq(1), Updates.set("v", 3));
            users.deleteOne(Filters.eq(1));

            List<Connector.Change> changes = connector.next(3);
            assertThat(changes.get(0).before()).contains("\"v\": 1");
            assertThat(changes.get(0).after()).contains("\"v\": 2");
            assertThat(changes.get(1).before()).contains("\"v\": 2");
            assertThat(changes.get(2).before()).contains("\"v\": 3");
        }
    }

    @Test
    void putsAnEventTogetherThatIsLargerThanADocumentMayBe() {
        client.getDatabase("app")
                .createCollection(
                        "users",
                        new CreateCollectionOptions()
                                .changeStreamPreAndPostImagesOptions(new ChangeStreamPreAndPostImagesOptions(true)));
        users.insertOne(new Document("_id", 1).append("a", "x".repeat(9 * 1024 * 1024)));

        try (Connector connector = connect(Map.of(
                "capture.mode", "change_streams_update_full_with_pre_image",
                "cursor.oversize.handling.mode", "split"))) {
            connector.next(1);
            users.replaceOne(Filters.eq(1), new Document("b", "y".repeat(9 * 1024 * 1024)));
            users.insertOne(new Document("_id", 2));

            List<Connector.Change> changes = connector.next(2);
            assertThat(changes.get(0).before()).contains("xxx");
            assertThat(changes.get(0).after()).contains("yyy");
            assertThat(changes.get(1).id()).isEqualTo(2);
        }
    }

    @Test
    void goesOnWhenItsConnectionsAreCut() {
        users.insertOne(new Document("_id", 1));
        try (Connector connector = connect(Map.of())) {
            connector.next(1);
            users.insertOne(new Document("_id", 2));
            assertThat(connector.next(1).get(0).id()).isEqualTo(2);

            mongo.severConnections();
            Connector.retried(() -> users.insertOne(new Document("_id", 3)));

            assertThat(connector.next(1).get(0).id()).isEqualTo(3);
        }
    }

    @Test
    void stopsWithAnErrorWhereTheHistoryRolledOver() {
        users.insertOne(new Document("_id", 1));
        try (Connector connector = connect(Map.of())) {
            connector.next(1);
            users.insertOne(new Document("_id", 2));
            connector.next(1);
        }
        users.insertOne(new Document("_id", 3));
        mongo.rollOver();

        try (Connector connector = connect(Map.of("snapshot.mode", "no_data"))) {
            assertThat(connector.awaitFailure()).contains("no longer available on the server");
            assertThat(connector.received()).isEmpty();
        }
    }

    @Test
    void stopsWithAnErrorWhereTheHistoryRollsOverUnderARunningStream() {
        users.insertOne(new Document("_id", 1));
        try (Connector connector = connect(Map.of("errors.max.retries", "0"))) {
            connector.next(1);
            users.insertOne(new Document("_id", 2));
            connector.next(1);

            mongo.rollOver();

            assertThat(connector.awaitFailure()).isNotBlank();
            assertThat(connector.received()).isEmpty();
        }
    }
}

package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.sluice.localstack.testing.MongoServer;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Provenance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;

/** Every type of BSON at its limits, read by a load, told by the stream, looked up and as an image before. */
class MongoTypesIT {

    private static final String REAL = "real:";
    private static final Set<BsonType> UNORDERED = Set.of(BsonType.JAVASCRIPT, BsonType.MIN_KEY, BsonType.MAX_KEY);

    private static List<BsonValue> values() throws IOException {
        boolean standIn = MongoServer.shared().isStandIn();
        List<BsonValue> values = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(MongoTypesIT.class.getResourceAsStream("values.txt"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
                boolean real = line.startsWith(REAL);
                if (!line.isBlank() && !line.startsWith("#") && !(real && standIn)) {
                    String text = real ? line.substring(REAL.length()) : line;
                    values.add(BsonDocument.parse("{\"v\": " + text + "}").get("v"));
                }
            }
        }
        return values;
    }

    @Test
    void everyValueArrivesAsItIsByEachWay() throws Exception {
        List<BsonValue> values = values();
        assertThat(values).hasSizeGreaterThan(40);
        try (Documents documents = new Documents("mongo_types")) {
            documents.withImages("exact");
            documents.withoutImages("plain");
            for (String name : List.of("exact", "plain")) {
                insert(documents.raw(name), values, 0);
            }
            MongoSource source = documents.reading("exact", "plain").start();
            Documents.awaitStreaming(source);
            documents.awaitCaughtUp(source);
            for (String name : List.of("exact", "plain")) {
                MongoCollection<BsonDocument> collection = documents.raw(name);
                insert(collection, values, 1_000);
                collection.updateMany(Filters.gte("_id", 1_000), Updates.set("touched", true));
            }
            documents.awaitCaughtUp(source);

            for (String name : List.of("exact", "plain")) {
                List<Change> changes = documents.changes(name);
                Map<String, BsonDocument> replayed = Documents.replayed(changes);
                for (int i = 0; i < values.size(); i++) {
                    assertThat(replayed.get(key(i))).as("read by a load").isEqualTo(document(i, values.get(i)));
                    assertThat(replayed.get(key(1_000 + i)))
                            .as("after an update")
                            .isEqualTo(document(1_000 + i, values.get(i)).append("touched", org.bson.BsonBoolean.TRUE));
                }
                assertThat(replayed.values()).containsExactlyInAnyOrderElementsOf(documents.held(name));
            }
            for (Change change : documents.changes("exact")) {
                if (change.provenance().kind() == Provenance.Kind.STREAM
                        && change instanceof Change.Upserted upserted
                        && upserted.before() != null) {
                    BsonDocument before = Documents.document(upserted.before());
                    int id = before.getInt32("_id").getValue() - 1_000;
                    assertThat(before).as("the image before").isEqualTo(document(1_000 + id, values.get(id)));
                }
            }
        }
    }

    @Test
    void everyTypeOfIdIsAKeyOfItsOwn() throws Exception {
        List<BsonValue> ids = values().stream()
                .filter(value -> !value.isArray() && !value.isRegularExpression() && !value.isNull())
                .filter(value -> !(value.isDocument() && value.asDocument().containsKey("$ref")))
                .filter(value -> !value.isNumber() && !value.isDecimal128())
                // The stand-in can't put these in an order with others.
                .filter(value -> !MongoServer.shared().isStandIn() || !UNORDERED.contains(value.getBsonType()))
                .toList();
        try (Documents documents = new Documents("mongo_ids")) {
            documents.withImages("ids");
            ids.forEach(id -> documents.raw("ids").insertOne(new BsonDocument("_id", id)));
            MongoSource source = documents.reading("ids").start();
            Documents.awaitStreaming(source);
            documents.raw("ids").updateMany(new BsonDocument(), Updates.set("touched", 1));
            documents.awaitCaughtUp(source);

            assertThat(Documents.replayed(documents.changes("ids")).values())
                    .hasSize(ids.size())
                    .containsExactlyInAnyOrderElementsOf(documents.held("ids"));
        }
    }

    private static void insert(MongoCollection<BsonDocument> collection, List<BsonValue> values, int first) {
        for (int i = 0; i < values.size(); i++) {
            collection.insertOne(document(first + i, values.get(i)));
        }
    }

    private static BsonDocument document(int id, BsonValue value) {
        return new BsonDocument("_id", new BsonInt32(id)).append("v", value).append("text", new BsonString("beside"));
    }

    private static String key(int id) {
        return "{\"$numberInt\": \"" + id + "\"}";
    }
}

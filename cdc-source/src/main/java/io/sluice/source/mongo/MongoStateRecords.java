package io.sluice.source.mongo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.RecordFields;
import io.sluice.source.position.StateRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.bson.BsonDocument;
import org.bson.json.JsonParseException;
import org.jspecify.annotations.Nullable;

/** The records of the state topic: readable JSON, so that a person can see with any Kafka tool where a source stands. */
final class MongoStateRecords {

    private static final String OWNER = "owner";
    private static final String FACTS = "facts";
    private static final String OFFSET = "offset";
    private static final String COLLECTION = "collection";

    private final ObjectMapper json = new ObjectMapper();
    private final String topic;
    private final String source;
    private final RecordFields fields = new RecordFields(this::corrupt);

    MongoStateRecords(String topic, String source) {
        this.topic = topic;
        this.source = source;
    }

    String topic() {
        return topic;
    }

    ProducerRecord<byte[], byte[]> owner(String instance) {
        return record(key(OWNER), json.createObjectNode().put("instance", instance));
    }

    ProducerRecord<byte[], byte[]> facts(MongoFacts facts) {
        ObjectNode value = json.createObjectNode()
                .put("epoch", facts.epoch())
                .put("set", facts.set())
                .put("identity", facts.identity());
        facts.watched().forEach(value.putArray("watched")::add);
        ObjectNode ids = value.putObject("topic_ids");
        facts.topicIds().forEach(ids::put);
        return record(key(FACTS), value);
    }

    ProducerRecord<byte[], byte[]> offset(MongoOffset offset) {
        BsonDocument token = offset.token();
        return record(
                key(OFFSET),
                time(offset.time())
                        .put("order", offset.order())
                        .put("ts_usec", offset.committedAtMicros())
                        .put("token", token == null ? null : token.toJson()));
    }

    ProducerRecord<byte[], byte[]> collection(CollectionState state) {
        ObjectNode value = json.createObjectNode()
                .put("uuid", state.uuid())
                .put("rows", state.rows())
                .put("request", state.request());
        state.services().forEach(value.putArray("services")::add);
        state.former().forEach(value.putArray("former")::add);
        value.set("horizon", time(state.horizon()));
        CollectionState.Load load = state.loading();
        if (load != null) {
            ObjectNode loading = value.putObject("loading")
                    .put("name", load.name())
                    .put("sweep", load.sweep())
                    .put("last_id", load.lastId())
                    .put("rows", load.rows());
            load.services().forEach(loading.putArray("services")::add);
        }
        CollectionState.Halted halted = state.halted();
        if (halted != null) {
            value.putObject("halted")
                    .put("code", halted.code())
                    .put("problem", halted.problem())
                    .put("remedy", halted.remedy())
                    .set("position", time(halted.position()));
        }
        return record(
                key(COLLECTION).add(state.table().schema()).add(state.table().table()), value);
    }

    private ObjectNode time(long time) {
        return json.createObjectNode().put("seconds", time >>> 32).put("increment", time & 0xffff_ffffL);
    }

    private ArrayNode key(String kind) {
        return json.createArrayNode().add(kind);
    }

    private ProducerRecord<byte[], byte[]> record(JsonNode key, JsonNode value) {
        return new ProducerRecord<>(topic, 0, bytes(key), bytes(value));
    }

    private static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Puts the records together; of one key the last holds.
     *
     * @throws HaltException if one is not as we write them
     */
    MongoState state(List<Map.Entry<byte[], byte @Nullable []>> records) {
        Reading reading = new Reading();
        StateRecords.latest(records).forEach((key, value) -> reading.add(key.unsafeArray(), value));
        return reading.state();
    }

    /** The same for whoever starts afresh and needs no more than what can be read: the rest is listed. */
    Salvaged salvaged(List<Map.Entry<byte[], byte @Nullable []>> records) {
        Reading reading = new Reading();
        List<byte[]> unreadable = new ArrayList<>();
        StateRecords.latest(records).forEach((key, value) -> {
            try {
                reading.add(key.unsafeArray(), value);
            } catch (HaltException e) {
                unreadable.add(key.unsafeArray());
            }
        });
        return new Salvaged(reading.state(), unreadable);
    }

    /** @param unreadable the keys of records that nobody can read */
    record Salvaged(MongoState state, List<byte[]> unreadable) {}

    /** Takes a record out of the topic. */
    ProducerRecord<byte[], byte @Nullable []> removal(byte[] key) {
        return new ProducerRecord<>(topic, 0, key, null);
    }

    private final class Reading {

        private @Nullable String owner;
        private @Nullable MongoFacts facts;
        private @Nullable MongoOffset offset;
        private final Map<TableId, CollectionState> collections = new HashMap<>();

        void add(byte[] recordKey, byte[] recordValue) {
            try {
                JsonNode key = json.readTree(recordKey);
                JsonNode value = json.readTree(recordValue);
                switch (key.path(0).asText()) {
                    case OWNER -> owner = text(value, "instance");
                    case FACTS -> facts = readFacts(value);
                    case OFFSET -> offset = readOffset(value);
                    case COLLECTION -> {
                        TableId table = new TableId(
                                source,
                                fields.required(key, 1).asText(),
                                fields.required(key, 2).asText());
                        collections.put(table, collection(table, value));
                    }
                    default -> throw corrupt("a record of unknown kind");
                }
            } catch (JsonProcessingException | JsonParseException e) {
                throw corrupt("a record that is no JSON");
            } catch (IOException e) {
                throw new IllegalStateException("bytes in memory can be read", e);
            }
        }

        MongoState state() {
            return new MongoState(owner, facts, offset, collections);
        }
    }

    private MongoFacts readFacts(JsonNode value) {
        Map<String, String> ids = new HashMap<>();
        fields.required(value, "topic_ids")
                .properties()
                .forEach(id -> ids.put(id.getKey(), id.getValue().asText()));
        return new MongoFacts(
                (int) fields.number(value, "epoch"),
                text(value, "set"),
                textOrNull(value, "identity"),
                RecordFields.texts(fields.required(value, "watched")),
                ids);
    }

    private MongoOffset readOffset(JsonNode value) {
        String token = textOrNull(value, "token");
        return new MongoOffset(
                token == null ? null : BsonDocument.parse(token),
                time(value),
                fields.number(value, "order"),
                fields.number(value, "ts_usec"));
    }

    private CollectionState collection(TableId table, JsonNode value) {
        JsonNode loading = value.get("loading");
        JsonNode halted = value.get("halted");
        return new CollectionState(
                table,
                text(value, "uuid"),
                RecordFields.texts(fields.required(value, "services")),
                RecordFields.texts(fields.required(value, "former")),
                fields.number(value, "rows"),
                time(fields.required(value, "horizon")),
                loading == null
                        ? null
                        : new CollectionState.Load(
                                text(loading, "name"),
                                fields.required(loading, "sweep").asBoolean(),
                                RecordFields.texts(fields.required(loading, "services")),
                                textOrNull(loading, "last_id"),
                                fields.number(loading, "rows")),
                halted == null
                        ? null
                        : new CollectionState.Halted(
                                text(halted, "code"),
                                text(halted, "problem"),
                                text(halted, "remedy"),
                                time(fields.required(halted, "position"))),
                RecordFields.textOrNull(value.get("request")));
    }

    private long time(JsonNode value) {
        return fields.number(value, "seconds") << 32 | fields.number(value, "increment");
    }

    private String text(JsonNode value, String field) {
        return fields.required(value, field).asText();
    }

    private @Nullable String textOrNull(JsonNode value, String field) {
        return RecordFields.textOrNull(fields.required(value, field));
    }

    private HaltException corrupt(String what) {
        return new HaltException(
                "SOURCE_STATE_CORRUPT",
                "the state topic holds " + what + ", so where this source stands is not known",
                "topic " + topic,
                "If nobody wrote there by hand, start a new epoch with `sluice run FILE --new-epoch " + source + "`.");
    }
}

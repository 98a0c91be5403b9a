package io.sluice.source.position;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.TableId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** The records of the state topic: readable JSON, so that a person can see with any Kafka tool where a source stands. */
public final class StateRecords {

    private static final String OWNER = "owner";
    private static final String FACTS = "facts";
    private static final String OFFSET = "offset";
    private static final String TABLE = "table";
    private static final String CHUNK = "chunk";

    private final ObjectMapper json = new ObjectMapper();
    private final String topic;
    private final String source;
    private final RecordFields fields;

    public StateRecords(String topic, String source) {
        this.topic = topic;
        this.source = source;
        this.fields = new RecordFields(this::corrupt);
    }

    public String topic() {
        return topic;
    }

    public ProducerRecord<byte[], byte[]> owner(String instance) {
        return record(key(OWNER), json.createObjectNode().put("instance", instance));
    }

    /** Exactly these three: one more, and Debezium searches for its place by a method that loses events. */
    public ProducerRecord<byte[], byte[]> offset(StoredOffset offset) {
        return record(key(OFFSET), offsetNode(offset));
    }

    /** The offset as Debezium loads it. */
    public byte[] debeziumOffset(StoredOffset offset) {
        return bytes(offsetNode(offset));
    }

    private ObjectNode offsetNode(StoredOffset offset) {
        return json.createObjectNode()
                .put("lsn", offset.lsn())
                .put("lsn_commit", offset.lsn())
                .put("ts_usec", offset.committedAtMicros());
    }

    public ProducerRecord<byte[], byte[]> facts(SourceFacts facts) {
        ObjectNode value = json.createObjectNode()
                .put("epoch", facts.epoch())
                .put("system_id", facts.systemId())
                .put("timeline", facts.timeline())
                .put("slot", facts.slot())
                .put("consistent_point", facts.consistentPoint());
        facts.publications().forEach(value.putArray("publications")::add);
        ObjectNode ids = value.putObject("topic_ids");
        facts.topicIds().forEach(ids::put);
        return record(key(FACTS), value);
    }

    public ProducerRecord<byte[], byte[]> table(TableState state) {
        return record(
                key(TABLE).add(state.table().schema()).add(state.table().table()), TableRecords.write(json, state));
    }

    /**
     * The keys of a range that the stream has not passed: which events are older than its rows is known by them alone.
     *
     * @param keys as {@link ChunkKeys} writes them
     */
    public ProducerRecord<byte[], byte[]> chunk(TableId table, int slot, long until, byte[] keys) {
        return record(
                chunkKey(table, slot),
                json.createObjectNode().put("until", until).put("keys", keys));
    }

    private ArrayNode chunkKey(TableId table, int slot) {
        return key(CHUNK).add(table.schema()).add(table.table()).add(slot);
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
    public SourceState state(Iterable<Map.Entry<byte[], byte @Nullable []>> records) {
        Reading reading = new Reading();
        latest(records).forEach((key, value) -> reading.add(key.unsafeArray(), value));
        return reading.state();
    }

    /** The same for whoever starts afresh and needs no more than what can be read: the rest is listed. */
    public Salvaged salvaged(Iterable<Map.Entry<byte[], byte @Nullable []>> records) {
        Reading reading = new Reading();
        List<byte[]> unreadable = new ArrayList<>();
        latest(records).forEach((key, value) -> {
            try {
                reading.add(key.unsafeArray(), value);
            } catch (HaltException e) {
                unreadable.add(key.unsafeArray());
            }
        });
        return new Salvaged(reading.state(), unreadable);
    }

    /** What a compacted topic comes to: of one key the last, and nothing where that says so, however much is still there. */
    public static Map<Bytes, byte[]> latest(Iterable<Map.Entry<byte[], byte @Nullable []>> records) {
        Map<Bytes, byte[]> latest = new LinkedHashMap<>();
        for (Map.Entry<byte[], byte @Nullable []> each : records) {
            byte[] value = each.getValue();
            if (value == null) {
                latest.remove(Bytes.wrap(each.getKey()));
            } else {
                latest.put(Bytes.wrap(each.getKey()), value);
            }
        }
        return latest;
    }

    /** @param unreadable the keys of records that nobody can read */
    public record Salvaged(SourceState state, List<byte[]> unreadable) {}

    /** Takes a record out of the topic. */
    public ProducerRecord<byte[], byte @Nullable []> removal(byte[] key) {
        return new ProducerRecord<>(topic, 0, key, null);
    }

    private final class Reading {

        private @Nullable String owner;
        private @Nullable SourceFacts facts;
        private @Nullable StoredOffset offset;
        private final Map<TableId, TableState> tables = new HashMap<>();
        private final Map<SourceState.Slot, SourceState.StoredKeys> chunks = new HashMap<>();

        void add(byte[] recordKey, byte[] recordValue) {
            try {
                JsonNode key = json.readTree(recordKey);
                JsonNode value = json.readTree(recordValue);
                switch (key.path(0).asText()) {
                    case OWNER -> owner = fields.required(value, "instance").asText();
                    case FACTS -> facts = facts(value);
                    case OFFSET ->
                        offset = new StoredOffset(fields.number(value, "lsn_commit"), fields.number(value, "ts_usec"));
                    case TABLE -> {
                        TableId table = table(key);
                        tables.put(table, TableRecords.read(table, value, fields));
                    }
                    case CHUNK ->
                        chunks.put(
                                new SourceState.Slot(
                                        table(key), fields.required(key, 3).asInt()),
                                new SourceState.StoredKeys(
                                        fields.number(value, "until"),
                                        Bytes.wrap(
                                                fields.required(value, "keys").binaryValue())));
                    default -> throw corrupt("a record of unknown kind");
                }
            } catch (JsonProcessingException e) {
                throw corrupt("a record that is no JSON");
            } catch (IOException e) {
                throw new IllegalStateException("bytes in memory can be read", e);
            }
        }

        SourceState state() {
            return new SourceState(owner, facts, offset, tables, chunks);
        }

        private TableId table(JsonNode key) {
            return new TableId(
                    source,
                    fields.required(key, 1).asText(),
                    fields.required(key, 2).asText());
        }
    }

    private SourceFacts facts(JsonNode value) {
        Map<String, String> ids = new HashMap<>();
        fields.required(value, "topic_ids")
                .properties()
                .forEach(id -> ids.put(id.getKey(), id.getValue().asText()));
        JsonNode point = fields.required(value, "consistent_point");
        return new SourceFacts(
                (int) fields.number(value, "epoch"),
                fields.required(value, "system_id").asText(),
                (int) fields.number(value, "timeline"),
                fields.required(value, "slot").asText(),
                RecordFields.texts(fields.required(value, "publications")),
                point.isNull() ? null : (Long) point.asLong(),
                ids);
    }

    private HaltException corrupt(String what) {
        return new HaltException(
                "SOURCE_STATE_CORRUPT",
                "the state topic holds " + what + ", so where this source stands is not known",
                "topic " + topic,
                "If nobody wrote there by hand, start a new epoch with `sluice run FILE --new-epoch " + source + "`.");
    }
}

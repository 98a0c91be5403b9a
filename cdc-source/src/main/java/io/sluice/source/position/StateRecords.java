package io.sluice.source.position;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TableId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
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

    private final ObjectMapper json = new ObjectMapper();
    private final String topic;
    private final String source;

    public StateRecords(String topic, String source) {
        this.topic = topic;
        this.source = source;
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

    public ProducerRecord<byte[], byte[]> load(TableLoad load) {
        ObjectNode value = json.createObjectNode().put("oid", load.oid()).put("rows", load.rows());
        load.services().forEach(value.putArray("services")::add);
        load.key().forEach(value.putArray("key")::add);
        TableLoad.Filter filter = load.filter();
        if (filter != null) {
            value.putObject("filter").put("snapshot", filter.snapshot()).put("until", filter.until());
        }
        return record(key(TABLE).add(load.table().schema()).add(load.table().table()), value);
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

    /** Puts the records together; of one key the last holds. */
    public SourceState state(Iterable<Map.Entry<byte[], byte[]>> records) {
        String owner = null;
        SourceFacts facts = null;
        StoredOffset offset = null;
        Map<TableId, TableLoad> loads = new HashMap<>();
        for (Map.Entry<byte[], byte[]> each : records) {
            try {
                JsonNode key = json.readTree(each.getKey());
                JsonNode value = json.readTree(each.getValue());
                switch (key.path(0).asText()) {
                    case OWNER -> owner = required(value, "instance").asText();
                    case FACTS -> facts = facts(value);
                    case OFFSET -> offset = new StoredOffset(number(value, "lsn_commit"), number(value, "ts_usec"));
                    case TABLE -> {
                        TableId table = new TableId(
                                source,
                                required(key, 1).asText(),
                                required(key, 2).asText());
                        loads.put(table, load(table, value));
                    }
                    default -> throw corrupt("a record of unknown kind");
                }
            } catch (JsonProcessingException e) {
                throw corrupt("a record that is no JSON");
            } catch (IOException e) {
                throw new IllegalStateException("bytes in memory can be read", e);
            }
        }
        return new SourceState(owner, facts, offset, loads);
    }

    private SourceFacts facts(JsonNode value) {
        Map<String, String> ids = new HashMap<>();
        required(value, "topic_ids")
                .properties()
                .forEach(id -> ids.put(id.getKey(), id.getValue().asText()));
        JsonNode point = required(value, "consistent_point");
        return new SourceFacts(
                (int) number(value, "epoch"),
                required(value, "system_id").asText(),
                (int) number(value, "timeline"),
                required(value, "slot").asText(),
                texts(required(value, "publications")),
                point.isNull() ? null : (Long) point.asLong(),
                ids);
    }

    private TableLoad load(TableId table, JsonNode value) {
        JsonNode filter = value.get("filter");
        return new TableLoad(
                table,
                number(value, "oid"),
                texts(required(value, "services")),
                texts(required(value, "key")),
                number(value, "rows"),
                filter == null
                        ? null
                        : new TableLoad.Filter(required(filter, "snapshot").asText(), number(filter, "until")));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private long number(JsonNode value, String field) {
        JsonNode number = required(value, field);
        if (!number.isIntegralNumber()) {
            throw corrupt("a record whose " + field + " is no number");
        }
        return number.longValue();
    }

    private JsonNode required(JsonNode value, String field) {
        return present(value.get(field));
    }

    private JsonNode required(JsonNode value, int index) {
        return present(value.get(index));
    }

    private JsonNode present(@Nullable JsonNode node) {
        if (node == null) {
            throw corrupt("a record that lacks a field");
        }
        return node;
    }

    private HaltException corrupt(String what) {
        return new HaltException(
                "SOURCE_STATE_CORRUPT",
                "the state topic holds " + what + ", so where this source stands is not known",
                "topic " + topic,
                "If nobody wrote there by hand, start a new epoch with `sluice run FILE --new-epoch " + source + "`.");
    }
}

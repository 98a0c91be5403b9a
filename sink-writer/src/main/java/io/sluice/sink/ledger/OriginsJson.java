package io.sluice.sink.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.sink.batch.Origins;
import io.sluice.sink.batch.Origins.ChangePartition;
import io.sluice.sink.batch.Origins.Mark;
import java.util.HashMap;
import java.util.Map;

/** Origins as the ledger keeps them: <code>{"topic": {"0": [offset, part]}}</code>. */
final class OriginsJson {

    private static final JsonMapper JSON = new JsonMapper();

    private OriginsJson() {}

    static String write(Origins origins) {
        ObjectNode topics = JSON.createObjectNode();
        origins.marks().forEach((of, mark) -> topics.withObjectProperty(of.topic())
                .putArray(Integer.toString(of.partition()))
                .add(mark.offset())
                .add(mark.part()));
        return topics.toString();
    }

    static Origins read(String text) {
        Map<ChangePartition, Mark> marks = new HashMap<>();
        try {
            for (Map.Entry<String, JsonNode> topic : JSON.readTree(text).properties()) {
                for (Map.Entry<String, JsonNode> partition : topic.getValue().properties()) {
                    JsonNode mark = partition.getValue();
                    marks.put(
                            new ChangePartition(topic.getKey(), Integer.parseInt(partition.getKey())),
                            new Mark(
                                    mark.required(0).longValue(),
                                    mark.required(1).intValue()));
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the ledger's origins can't be read", e);
        }
        return Origins.of(marks);
    }
}

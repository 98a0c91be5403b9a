package io.sluice.platform.progress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.platform.lifecycle.StageState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** How reports are spelt. */
public final class ReportRecords {

    private final ObjectMapper json = new ObjectMapper();
    private final String topic;

    public ReportRecords(String topic) {
        this.topic = topic;
    }

    public ProducerRecord<byte[], byte @Nullable []> report(StageReport report) {
        ObjectNode value = json.createObjectNode()
                .put("state", report.state().name().toLowerCase(Locale.ROOT))
                .put("paused", report.paused());
        StageReport.Cause cause = report.cause();
        if (cause != null) {
            value.putObject("cause")
                    .put("code", cause.code())
                    .put("problem", cause.problem())
                    .put("place", cause.place())
                    .put("remedy", cause.remedy());
        }
        ObjectNode perSecond = value.putObject("perSecond");
        report.perSecond().forEach(perSecond::put);
        ObjectNode loads = value.putObject("loads");
        report.loads()
                .forEach((table, load) ->
                        loads.putObject(table).put("rows", load.rows()).put("perSecond", load.perSecond()));
        return new ProducerRecord<>(topic, 0, key(report.stage(), report.process()), bytes(value));
    }

    /** The stage runs no more, and there is nothing more to say of it. */
    public ProducerRecord<byte[], byte @Nullable []> withdrawal(String stage, String process) {
        return new ProducerRecord<>(topic, 0, key(stage, process), null);
    }

    private byte[] key(String stage, String process) {
        return bytes(json.createArrayNode().add(stage).add(process));
    }

    private static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What a record says; empty where a later version says what we don't know. */
    public Optional<StageReport> read(byte[] key, byte[] value) {
        try {
            JsonNode name = json.readTree(key);
            JsonNode report = json.readTree(value);
            JsonNode cause = report.path("cause");
            return Optional.of(new StageReport(
                    name.path(1).asText(),
                    name.path(0).asText(),
                    StageState.valueOf(report.path("state").asText().toUpperCase(Locale.ROOT)),
                    report.path("paused").asBoolean(),
                    cause.isObject()
                            ? new StageReport.Cause(
                                    cause.path("code").asText(),
                                    cause.path("problem").asText(),
                                    cause.path("place").isTextual()
                                            ? cause.path("place").asText()
                                            : null,
                                    cause.path("remedy").asText())
                            : null,
                    figures(report.path("perSecond")),
                    loads(report.path("loads"))));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Map<String, Double> figures(JsonNode node) {
        Map<String, Double> figures = new HashMap<>();
        node.properties()
                .forEach(each -> figures.put(each.getKey(), each.getValue().asDouble()));
        return figures;
    }

    private static Map<String, StageReport.Load> loads(JsonNode node) {
        Map<String, StageReport.Load> loads = new HashMap<>();
        node.properties()
                .forEach(each -> loads.put(
                        each.getKey(),
                        new StageReport.Load(
                                each.getValue().path("rows").asLong(),
                                each.getValue().path("perSecond").asDouble())));
        return loads;
    }
}

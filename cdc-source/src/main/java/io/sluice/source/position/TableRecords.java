package io.sluice.source.position;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.schemas.model.TableId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The stored form of a {@link TableState}. */
final class TableRecords {

    private TableRecords() {}

    static ObjectNode write(ObjectMapper json, TableState state) {
        ObjectNode value = json.createObjectNode();
        value.put("epoch", state.epoch()).put("oid", state.oid()).put("rows", state.rows());
        add(value.putArray("key"), state.key());
        add(value.putArray("services"), state.services());
        add(value.putArray("former"), state.former());
        TableState.Filter filter = state.filter();
        if (filter != null) {
            value.putObject("filter").put("snapshot", filter.snapshot()).put("until", filter.until());
        }
        Loading loading = state.loading();
        if (loading != null) {
            write(value.putObject("loading"), loading);
        }
        TableState.Halted halted = state.halted();
        if (halted != null) {
            value.putObject("halted")
                    .put("code", halted.code())
                    .put("problem", halted.problem())
                    .put("remedy", halted.remedy())
                    .put("position", halted.position());
        }
        if (state.request() != null) {
            value.put("request", state.request());
        }
        return value;
    }

    private static void write(ObjectNode value, Loading loading) {
        value.put("id", loading.id())
                .put("sweep", loading.sweep())
                .put("by_chunks", loading.byChunks())
                .put("at_end", loading.atEnd())
                .put("rows", loading.rows())
                .put("estimate", loading.estimate());
        add(value.putArray("services"), loading.services());
        addIfThere(value, "cursor", loading.cursor());
        addIfThere(value, "last", loading.last());
        ArrayNode unsettled = value.putArray("unsettled");
        for (Loading.Chunk chunk : loading.unsettled()) {
            unsettled
                    .addObject()
                    .put("slot", chunk.slot())
                    .put("snapshot", chunk.snapshot())
                    .put("until", chunk.until());
        }
    }

    private static void addIfThere(ObjectNode value, String field, @Nullable List<String> texts) {
        if (texts != null) {
            add(value.putArray(field), texts);
        }
    }

    private static void add(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }

    static TableState read(TableId table, JsonNode value, RecordFields fields) {
        JsonNode filter = value.get("filter");
        JsonNode loading = value.get("loading");
        JsonNode halted = value.get("halted");
        return new TableState(
                table,
                (int) fields.number(value, "epoch"),
                fields.number(value, "oid"),
                RecordFields.texts(fields.required(value, "key")),
                RecordFields.texts(fields.required(value, "services")),
                RecordFields.texts(fields.required(value, "former")),
                fields.number(value, "rows"),
                filter == null
                        ? null
                        : new TableState.Filter(
                                fields.required(filter, "snapshot").asText(), fields.number(filter, "until")),
                loading == null ? null : loading(loading, fields),
                halted == null
                        ? null
                        : new TableState.Halted(
                                fields.required(halted, "code").asText(),
                                fields.required(halted, "problem").asText(),
                                fields.required(halted, "remedy").asText(),
                                fields.number(halted, "position")),
                RecordFields.textOrNull(value.get("request")));
    }

    private static Loading loading(JsonNode value, RecordFields fields) {
        List<Loading.Chunk> unsettled = new ArrayList<>();
        for (JsonNode chunk : fields.required(value, "unsettled")) {
            unsettled.add(new Loading.Chunk(
                    (int) fields.number(chunk, "slot"),
                    fields.required(chunk, "snapshot").asText(),
                    fields.number(chunk, "until")));
        }
        return new Loading(
                fields.required(value, "id").asText(),
                RecordFields.texts(fields.required(value, "services")),
                fields.required(value, "sweep").asBoolean(),
                fields.required(value, "by_chunks").asBoolean(),
                RecordFields.textsOrNull(value.get("cursor")),
                RecordFields.textsOrNull(value.get("last")),
                fields.required(value, "at_end").asBoolean(),
                fields.number(value, "rows"),
                fields.number(value, "estimate"),
                unsettled);
    }
}

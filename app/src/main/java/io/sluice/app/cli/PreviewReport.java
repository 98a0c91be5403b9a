package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.transform.mapping.MappingResult;
import io.sluice.transform.spec.ValueText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Rows of a source and what becomes of them, with their values: whoever previews asked for these. */
final class PreviewReport {

    private final List<Line> lines = new ArrayList<>();

    private record Line(TableId source, Row row, MappingResult result) {}

    void add(TableId source, Row row, MappingResult result) {
        lines.add(new Line(source, row, result));
    }

    String text() {
        StringBuilder text = new StringBuilder();
        int rejected = 0;
        for (Line line : lines) {
            text.append(line.source()).append('\n');
            columns(text, line.row().schema(), line.row()::value);
            if (line.result() instanceof MappingResult.Rejected why) {
                rejected++;
                text.append("  is rejected: ").append(why.reason()).append('\n');
            } else {
                changes(text, changes(line.result()));
            }
            text.append('\n');
        }
        return text.append(lines.size())
                .append(lines.size() == 1 ? " row, " : " rows, ")
                .append(rejected)
                .append(" rejected; nothing was written\n")
                .toString();
    }

    private static void changes(StringBuilder text, List<? extends RowChange> changes) {
        if (changes.isEmpty()) {
            text.append("  becomes nothing\n");
        }
        for (RowChange change : changes) {
            text.append(change instanceof RowChange.Upsert ? "  becomes in " : "  deletes in ")
                    .append(change.table())
                    .append('\n');
            columns(text, schema(change), values(change));
        }
    }

    private static void columns(StringBuilder text, RowSchema schema, IntFunction<@Nullable Object> values) {
        int width = schema.columns().stream()
                .mapToInt(column -> column.name().length())
                .max()
                .orElse(0);
        for (int i = 0; i < schema.size(); i++) {
            Column column = schema.column(i);
            text.append("    ")
                    .append(column.name())
                    .append(" ".repeat(width - column.name().length() + 2))
                    .append(ValueText.of(column.type(), values.apply(i)))
                    .append('\n');
        }
    }

    String json() {
        JsonMapper json = new JsonMapper();
        ObjectNode root = json.createObjectNode();
        ArrayNode rows = root.putArray("rows");
        for (Line line : lines) {
            ObjectNode node = rows.addObject().put("source", line.source().toString());
            values(node.putObject("row"), line.row().schema(), line.row()::value);
            if (line.result() instanceof MappingResult.Rejected why) {
                node.put("rejected", why.reason());
                why.rule().ifPresent(rule -> node.put("rule", rule));
            } else {
                ArrayNode changes = node.putArray("changes");
                for (RowChange change : changes(line.result())) {
                    ObjectNode each =
                            changes.addObject().put("table", change.table().toString());
                    String kind = change instanceof RowChange.Upsert ? "upsert" : "delete";
                    values(each.putObject(kind), schema(change), values(change));
                }
            }
        }
        return root.toPrettyString() + "\n";
    }

    private static void values(ObjectNode node, RowSchema schema, IntFunction<@Nullable Object> values) {
        for (int i = 0; i < schema.size(); i++) {
            Object value = values.apply(i);
            Column column = schema.column(i);
            node.put(column.name(), value == null ? null : ValueText.plain(column.type(), value));
        }
    }

    private static List<? extends RowChange> changes(MappingResult result) {
        if (result instanceof MappingResult.Mapped mapped) {
            return mapped.changes();
        }
        return result instanceof MappingResult.Children children ? children.rows() : List.of();
    }

    private static RowSchema schema(RowChange change) {
        return change instanceof RowChange.Upsert upsert
                ? upsert.row().schema()
                : change.key().schema();
    }

    private static IntFunction<@Nullable Object> values(RowChange change) {
        Key key = change.key();
        return change instanceof RowChange.Upsert upsert ? upsert.row()::value : key::part;
    }
}

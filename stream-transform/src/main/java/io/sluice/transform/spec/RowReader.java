package io.sluice.transform.spec;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Problems;
import io.sluice.platform.config.YamlNode;
import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.platform.mongo.UnrepresentableDocumentException;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.Place;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the rows and documents that specs write. All that is wrong with a row is found at once. */
final class RowReader {

    private final Problems problems;
    private final ValueReader values = new ValueReader();
    private final JsonTree json = new JsonTree();

    RowReader(Problems problems) {
        this.problems = problems;
    }

    /** Whether rows of this schema are documents. */
    static boolean isDocuments(RowSchema schema) {
        int index = schema.indexOf(DocumentDecoder.DOCUMENT);
        return index >= 0 && schema.column(index).type() == Simple.DOCUMENT;
    }

    /** A row or a document of a source. */
    Optional<PartialRow> source(YamlNode node, RowSchema schema, String path) {
        return isDocuments(schema) ? document(node, schema, path) : row(node, schema, path);
    }

    private Optional<PartialRow> document(YamlNode node, RowSchema schema, String path) {
        try {
            Row row = new DocumentDecoder(schema.name()).written(json.text(node));
            Map<String, @Nullable Object> named = new LinkedHashMap<>();
            schema.columns().forEach(column -> named.put(column.name(), row.value(column.name())));
            return Optional.of(new PartialRow(node.place(), schema, named));
        } catch (IllegalArgumentException | UnrepresentableDocumentException e) {
            problems.add(
                    node.place(),
                    path,
                    "is no document with an _id",
                    "write it as extended JSON, in YAML: {_id: 1, cost: {$numberDecimal: \"1.50\"}}");
            return Optional.empty();
        }
    }

    Optional<PartialRow> row(YamlNode node, RowSchema schema, String path) {
        if (!(node instanceof YamlNode.Entries entries)) {
            problems.add(node.place(), path, "takes a row, {column: value, …}", "");
            return Optional.empty();
        }
        boolean whole = true;
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        for (YamlNode.Entry entry : entries.entries()) {
            int index = schema.indexOf(entry.key());
            if (index < 0) {
                problems.add(
                        entry.keyPlace(),
                        path + "." + entry.key(),
                        schema.name() + " has no such column",
                        DidYouMean.suggest(
                                entry.key(),
                                schema.columns().stream().map(Column::name).toList()));
                whole = false;
                continue;
            }
            try {
                named.put(entry.key(), value(entry.value(), schema.column(index)));
            } catch (UnfitStepException e) {
                Place place = entry.value().place();
                problems.add(place, path + "." + entry.key(), e.problem(), e.suggestion());
                whole = false;
            }
        }
        return whole ? Optional.of(new PartialRow(node.place(), schema, named)) : Optional.empty();
    }

    private @Nullable Object value(YamlNode node, Column column) throws UnfitStepException {
        if (node instanceof YamlNode.Scalar scalar
                && scalar.plain()
                && scalar.text().equals(ValueText.UNCHANGED)) {
            return Unchanged.UNCHANGED;
        }
        return values.read(node, column.type(), column.declared());
    }
}

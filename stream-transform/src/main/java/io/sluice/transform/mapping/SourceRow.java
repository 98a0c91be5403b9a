package io.sluice.transform.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.transform.mapping.value.Documents;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A source row while it is mapped: a document in it is parsed when it is first asked for, and once. Belongs to one call. */
final class SourceRow {

    private final Row row;
    private final Documents documents;
    private @Nullable JsonNode @Nullable [] parsed;

    SourceRow(Row row, Documents documents) {
        this.row = row;
        this.documents = documents;
    }

    /**
     * The same row with two columns more, which need not be values that a row elsewhere may have.
     *
     * @param value the last one; a part of a document is one already
     */
    SourceRow with(RowSchema schema, Object which, Object value) {
        @Nullable Object[] values = new Object[schema.size()];
        int own = values.length - 2;
        for (int i = 0; i < own; i++) {
            values[i] = row.value(i);
        }
        values[own] = which;
        values[own + 1] = value;
        SourceRow made = new SourceRow(new Row(schema, values), documents);
        if (parsed != null) {
            made.parsed = Arrays.copyOf(parsed, values.length);
            if (value instanceof JsonNode document) {
                made.parsed[own + 1] = document;
            }
        }
        return made;
    }

    @Nullable
    Object value(int column) {
        return row.value(column);
    }

    /**
     * The document in that column, which the log must not have left out; missing where there is none.
     *
     * @throws io.sluice.transform.mapping.value.UnfitValueException if it can't be read
     */
    JsonNode document(int column) {
        @Nullable JsonNode[] known = parsed;
        if (known == null) {
            known = new JsonNode[row.schema().size()];
            parsed = known;
        }
        JsonNode document = known[column];
        if (document == null) {
            Object text = row.value(column);
            document = text == null ? MissingNode.getInstance() : documents.parse((String) text);
            known[column] = document;
        }
        return document;
    }
}

package io.sluice.transform.spec;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.pipeline.Place;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a row that somebody named.
 *
 * @param values in the carriers of the schema's types
 */
record PartialRow(Place place, RowSchema schema, Map<String, @Nullable Object> values) {

    boolean names(String column) {
        return values.containsKey(column);
    }

    @Nullable
    Object value(String column) {
        return values.get(column);
    }

    /** Which of these columns it does not name. */
    List<String> lacking(List<String> columns) {
        return columns.stream().filter(column -> !names(column)).toList();
    }

    /** A whole row: what it does not name is as in the other one, or null without one. */
    Row over(@Nullable Row other) {
        @Nullable Object[] all = new Object[schema.size()];
        for (int i = 0; i < all.length; i++) {
            String column = schema.column(i).name();
            all[i] = names(column) ? value(column) : other == null ? null : other.value(i);
        }
        return new Row(schema, all);
    }
}

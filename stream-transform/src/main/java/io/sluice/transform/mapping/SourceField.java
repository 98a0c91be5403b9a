package io.sluice.transform.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.FieldWay;
import org.jspecify.annotations.Nullable;

/**
 * Where a field of a source row stands.
 *
 * @param column the place of the column that holds it
 * @param way the way to it inside that column's document; null: the column itself, which is no document
 * @param isWhole whether it is all that stands in that column
 */
record SourceField(int column, @Nullable FieldWay way, boolean isWhole) {

    static SourceField column(int column) {
        return new SourceField(column, null, true);
    }

    /** What stands there, of a row that has its column; only where there is a way. */
    JsonNode in(SourceRow row) {
        FieldWay inside = way;
        if (inside == null) {
            throw new IllegalStateException("column " + column + " is no document");
        }
        return inside.into(row.document(column));
    }

    /** Whether that is no field, or null in it. */
    boolean isNothing(JsonNode node) {
        return way != null && way.dialect().isNothing(node);
    }

    boolean isPlainJson() {
        return way != null && way.dialect() == Dialect.PLAIN;
    }
}

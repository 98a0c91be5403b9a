package io.sluice.transform.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.schemas.model.RowSchema;
import io.sluice.transform.mapping.value.FieldWay;
import java.util.List;

/** A row for each of some fields that has a value. */
final class SplitParts extends SplitLevel {

    private final List<Part> parts;

    /** @param name as the file calls it, which becomes a value of the row */
    record Part(String name, SourceField field) {}

    SplitParts(RowSchema made, int limit, List<Part> parts) {
        super(made, limit);
        this.parts = List.copyOf(parts);
    }

    @Override
    void split(SourceRow row, Taker taker) {
        for (Part part : parts) {
            Object value = known(row, part.field(), part.name());
            FieldWay way = part.field().way();
            if (value != null && way != null) {
                JsonNode node = part.field().in(row);
                value = way.dialect().isNothing(node) ? null : node;
            }
            if (value != null) {
                taker.take(part.name(), value);
            }
        }
    }
}

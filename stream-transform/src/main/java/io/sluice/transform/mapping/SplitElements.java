package io.sluice.transform.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.schemas.model.RowSchema;
import io.sluice.transform.mapping.value.FieldWay;
import io.sluice.transform.mapping.value.UnfitValueException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row for each element of an array: one of the database's own, or one in a document. */
final class SplitElements extends SplitLevel {

    private final String name;
    private final SourceField array;

    /** @param name as the file calls the array */
    SplitElements(RowSchema made, int limit, String name, SourceField array) {
        super(made, limit);
        this.name = name;
        this.array = array;
    }

    @Override
    void split(SourceRow row, Taker taker) {
        Object value = known(row, array, name);
        if (value == null) {
            return;
        }
        FieldWay way = array.way();
        if (way == null) {
            List<?> elements = (List<?>) value;
            for (int i = 0; i < elements.size(); i++) {
                taker.take(i, present(elements.get(i)));
            }
            return;
        }
        JsonNode node = array.in(row);
        if (way.dialect().isNothing(node)) {
            return;
        }
        if (!node.isArray()) {
            throw new UnfitValueException(name + " is no array");
        }
        for (int i = 0; i < node.size(); i++) {
            JsonNode element = node.get(i);
            taker.take(i, present(way.dialect().isNothing(element) ? null : element));
        }
    }

    private Object present(@Nullable Object element) {
        if (element == null) {
            throw new UnfitValueException("an element of " + name + " is null");
        }
        return element;
    }
}

package io.sluice.source.position;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes fields out of stored records. Whatever is not as it was written is somebody else's writing. */
public final class RecordFields {

    private final Function<String, ? extends RuntimeException> corrupt;

    /** @param corrupt makes the refusal, given what was found */
    public RecordFields(Function<String, ? extends RuntimeException> corrupt) {
        this.corrupt = corrupt;
    }

    public static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    static @Nullable List<String> textsOrNull(@Nullable JsonNode array) {
        return array == null || array.isNull() ? null : texts(array);
    }

    public static @Nullable String textOrNull(@Nullable JsonNode text) {
        return text == null || text.isNull() ? null : text.asText();
    }

    public long number(JsonNode value, String field) {
        JsonNode number = required(value, field);
        if (!number.isIntegralNumber()) {
            throw corrupt.apply("a record whose " + field + " is no number");
        }
        return number.longValue();
    }

    public JsonNode required(JsonNode value, String field) {
        return present(value.get(field));
    }

    public JsonNode required(JsonNode value, int index) {
        return present(value.get(index));
    }

    private JsonNode present(@Nullable JsonNode node) {
        if (node == null) {
            throw corrupt.apply("a record that lacks a field");
        }
        return node;
    }
}

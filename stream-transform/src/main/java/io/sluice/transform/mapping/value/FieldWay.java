package io.sluice.transform.mapping.value;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;

/**
 * The way into a document, to one field. A field that is not there is missing; that is no error, for documents differ. A way
 * that leads into a value without fields is one: to take it for missing would lose the value.
 *
 * <p>A segment that is a whole number leads to that element, counted from 0, where an array stands.
 */
public final class FieldWay {

    private static final int MOST_INDEX_DIGITS = 9;

    private final Dialect dialect;
    private final List<String> segments;

    /** @param segments none: the document itself */
    public FieldWay(Dialect dialect, List<String> segments) {
        this.dialect = dialect;
        this.segments = List.copyOf(segments);
    }

    public Dialect dialect() {
        return dialect;
    }

    /**
     * What stands at its end: {@link MissingNode} if there is nothing, not even null.
     *
     * @throws UnfitValueException if a value on the way has no fields
     */
    public JsonNode into(JsonNode document) {
        JsonNode at = document;
        for (String segment : segments) {
            if (dialect.isNothing(at)) {
                return MissingNode.getInstance();
            }
            at = step(at, segment);
        }
        return at;
    }

    private JsonNode step(JsonNode at, String segment) {
        Kind kind = dialect.kindOf(at);
        if (kind == Kind.DOCUMENT) {
            return at.path(segment);
        }
        if (kind == Kind.ARRAY && isIndex(segment)) {
            return at.path(Integer.parseInt(segment));
        }
        throw new UnfitValueException(kind.says() + " has no field " + segment);
    }

    private static boolean isIndex(String segment) {
        return segment.length() <= MOST_INDEX_DIGITS && segment.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}

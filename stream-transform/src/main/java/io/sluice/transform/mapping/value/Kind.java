package io.sluice.transform.mapping.value;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import org.jspecify.annotations.Nullable;

/** What stands at a place of a document. */
enum Kind {
    NULL("null"),
    BOOLEAN("a boolean"),
    INT32("a whole number"),
    INT64("a whole number"),
    DOUBLE("a floating-point number"),
    DECIMAL("a decimal"),
    TEXT("a text"),
    /** Carried as its 24 hexadecimal digits. */
    OBJECT_ID("an ObjectId"),
    UUID("a UUID"),
    BINARY("binary data"),
    MOMENT("a date"),
    DOCUMENT("a document"),
    ARRAY("an array"),
    /** What only MongoDB has: a regular expression, a timestamp of its log, code, the least and the greatest key. */
    OTHER("a value that only MongoDB knows");

    private final String says;

    Kind(String says) {
        this.says = says;
    }

    /** For messages, with its article. */
    String says() {
        return says;
    }

    /** The type whose carrier such a value has; null where it has none. */
    @Nullable
    LogicalType type() {
        return switch (this) {
            case BOOLEAN -> Simple.BOOLEAN;
            case INT32 -> Simple.INT32;
            case INT64 -> Simple.INT64;
            case DOUBLE -> Simple.FLOAT64;
            case DECIMAL -> Numeric.UNBOUNDED;
            case TEXT, OBJECT_ID -> Simple.TEXT;
            case UUID -> Simple.UUID;
            case BINARY -> Simple.BYTES;
            case MOMENT -> Simple.TIMESTAMPTZ;
            case NULL, DOCUMENT, ARRAY, OTHER -> null;
        };
    }
}

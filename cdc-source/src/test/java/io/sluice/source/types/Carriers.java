package io.sluice.source.types;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.util.Utf8;

/** Types and values as the data writes them, read without the code under test. */
public final class Carriers {

    private Carriers() {}

    /** A logical type as the data writes it. */
    public static String name(LogicalType type) {
        if (type instanceof Numeric numeric) {
            return numeric.precision() == null
                    ? "NUMERIC"
                    : "NUMERIC(" + numeric.precision() + "," + numeric.scale() + ")";
        }
        if (type instanceof Array array) {
            return "ARRAY of " + name(array.element());
        }
        return type instanceof Native ? "NATIVE" : type.toString();
    }

    /** A nullable Avro type as the data writes it. */
    public static String name(Schema nullable) {
        Schema schema = nullable.getTypes().get(1);
        if (schema.getType() == Schema.Type.ARRAY) {
            return "array of " + name(schema.getElementType());
        }
        String meaning =
                schema.getLogicalType() != null ? schema.getLogicalType().getName() : schema.getProp("sluice.type");
        return schema.getType().getName() + (meaning == null ? "" : " (" + meaning + ")");
    }

    /** The carrier that is written so. */
    public static Object read(LogicalType type, Object written) {
        if (type instanceof Array array) {
            List<Object> elements = new ArrayList<>();
            for (Object each : (List<?>) written) {
                elements.add(each == null ? null : read(array.element(), each));
            }
            return elements;
        }
        String text = (String) written;
        if (type instanceof Numeric) {
            return Arrays.stream(NumericSpecial.values())
                    .filter(special -> special.toString().equals(text))
                    .<Object>map(special -> special)
                    .findFirst()
                    .orElseGet(() -> new BigDecimal(text));
        }
        if (type instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> Boolean.valueOf(text);
                case INT16, INT32, DATE -> Integer.valueOf(text);
                case INT64, TIME, TIMESTAMP, TIMESTAMPTZ -> Long.valueOf(text);
                case FLOAT32 -> Float.valueOf(text);
                case FLOAT64 -> Double.valueOf(text);
                case TEXT, JSON, DOCUMENT -> text;
                case BYTES -> Bytes.wrap(HexFormat.of().parseHex(text));
                case UUID -> UUID.fromString(text);
            };
        }
        return text;
    }

    /** What Avro's own reader makes of that value. */
    public static Object avro(LogicalType type, Object written) {
        if (type instanceof Array array) {
            List<Object> elements = new ArrayList<>();
            for (Object each : (List<?>) written) {
                elements.add(each == null ? null : avro(array.element(), each));
            }
            return elements;
        }
        if (type == Simple.BYTES) {
            return ByteBuffer.wrap(HexFormat.of().parseHex((String) written));
        }
        Object carrier = read(type, written);
        return (carrier instanceof Number && !(type instanceof Numeric)) || carrier instanceof Boolean
                ? carrier
                : new Utf8((String) written);
    }
}

package io.sluice.schemas.codec;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Each logical type as an Avro type, and back.
 *
 * <p>Where Avro has a logical type of the same meaning it is used, so that any Avro reader understands it. An exact decimal is
 * a string: Avro's own decimal has one scale for the whole column, cannot hold NaN or infinity, and makes a wider column an
 * incompatible schema. The attribute {@value #TYPE} on a type holds what Avro has no word for.
 */
final class AvroTypes {

    static final String TYPE = "sluice.type";
    private static final String PRECISION = "sluice.precision";
    private static final String SCALE = "sluice.scale";
    private static final String NATIVE_NAME = "sluice.native";

    private AvroTypes() {}

    static Schema toAvro(LogicalType type) {
        if (type instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
                case INT16 -> marked(Schema.Type.INT, "int16");
                case INT32 -> Schema.create(Schema.Type.INT);
                case INT64 -> Schema.create(Schema.Type.LONG);
                case FLOAT32 -> Schema.create(Schema.Type.FLOAT);
                case FLOAT64 -> Schema.create(Schema.Type.DOUBLE);
                case TEXT -> Schema.create(Schema.Type.STRING);
                case BYTES -> Schema.create(Schema.Type.BYTES);
                case UUID -> LogicalTypes.uuid().addToSchema(Schema.create(Schema.Type.STRING));
                case DATE -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
                case TIME -> LogicalTypes.timeMicros().addToSchema(Schema.create(Schema.Type.LONG));
                case TIMESTAMP -> LogicalTypes.localTimestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
                case TIMESTAMPTZ -> LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
                case JSON -> marked(Schema.Type.STRING, "json");
                case DOCUMENT -> marked(Schema.Type.STRING, "document");
            };
        }
        if (type instanceof Numeric numeric) {
            Schema schema = marked(Schema.Type.STRING, "numeric");
            if (numeric.precision() != null && numeric.scale() != null) {
                schema.addProp(PRECISION, (Object) numeric.precision());
                schema.addProp(SCALE, (Object) numeric.scale());
            }
            return schema;
        }
        if (type instanceof Array array) {
            return Schema.createArray(nullable(toAvro(array.element())));
        }
        if (type instanceof Native named) {
            Schema schema = marked(Schema.Type.STRING, "native");
            schema.addProp(NATIVE_NAME, named.typeName());
            return schema;
        }
        throw new IllegalStateException("the compiler knows every logical type");
    }

    static LogicalType fromAvro(Schema schema) throws MalformedRecordException {
        String mark = schema.getProp(TYPE);
        org.apache.avro.LogicalType logical = schema.getLogicalType();
        String name = mark != null ? mark : logical != null ? logical.getName() : "";
        return switch (schema.getType()) {
            case BOOLEAN -> Simple.BOOLEAN;
            case INT -> name.equals("int16") ? Simple.INT16 : name.equals("date") ? Simple.DATE : Simple.INT32;
            case LONG ->
                switch (name) {
                    case "time-micros" -> Simple.TIME;
                    case "local-timestamp-micros" -> Simple.TIMESTAMP;
                    case "timestamp-micros" -> Simple.TIMESTAMPTZ;
                    default -> Simple.INT64;
                };
            case FLOAT -> Simple.FLOAT32;
            case DOUBLE -> Simple.FLOAT64;
            case BYTES -> Simple.BYTES;
            case STRING ->
                switch (name) {
                    case "uuid" -> Simple.UUID;
                    case "json" -> Simple.JSON;
                    case "document" -> Simple.DOCUMENT;
                    case "numeric" -> new Numeric(number(schema, PRECISION), number(schema, SCALE));
                    case "native" -> new Native(String.valueOf(schema.getProp(NATIVE_NAME)));
                    default -> Simple.TEXT;
                };
            case ARRAY -> new Array(fromAvro(unwrapped(schema.getElementType())));
            default ->
                throw new MalformedRecordException("its schema has a " + schema.getType() + ", which we never write");
        };
    }

    static Schema nullable(Schema schema) {
        return Schema.createUnion(Schema.create(Schema.Type.NULL), schema);
    }

    static boolean isNullable(Schema schema) {
        return schema.getType() == Schema.Type.UNION;
    }

    /** What a nullable type is when it is not null; any other type itself. */
    static Schema unwrapped(Schema schema) throws MalformedRecordException {
        if (!isNullable(schema)) {
            return schema;
        }
        if (schema.getTypes().size() != 2 || schema.getTypes().get(0).getType() != Schema.Type.NULL) {
            throw new MalformedRecordException("its schema has a union that is not of null and one type");
        }
        return schema.getTypes().get(1);
    }

    private static Schema marked(Schema.Type type, String mark) {
        Schema schema = Schema.create(type);
        schema.addProp(TYPE, mark);
        return schema;
    }

    private static @org.jspecify.annotations.Nullable Integer number(Schema schema, String property) {
        return schema.getObjectProp(property) instanceof Integer number ? number : null;
    }
}

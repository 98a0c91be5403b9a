package io.sluice.sink.sql;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Temporals;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.postgresql.core.Oid;

/**
 * How the values of one column travel: as which array, and how each carrier is written into it. Chosen once per statement.
 *
 * @param arrayOid the type of the whole parameter
 */
record ColumnEncoder(int elementOid, int arrayOid, Element element) {

    private static final int DAYS_TO_2000 = 10_957;
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;

    /** Writes one value that is not null. */
    interface Element {
        void write(Object value, BinaryArray out);
    }

    /** @param delimiter what stands between the elements of an array of the target's type: a comma, but for boxes */
    static ColumnEncoder of(LogicalType type, char delimiter) {
        if (type instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> new ColumnEncoder(Oid.BOOL, Oid.BOOL_ARRAY, ColumnEncoder::bool);
                case INT16, INT32 -> new ColumnEncoder(Oid.INT4, Oid.INT4_ARRAY, ColumnEncoder::int4);
                case INT64 -> new ColumnEncoder(Oid.INT8, Oid.INT8_ARRAY, ColumnEncoder::int8);
                case FLOAT32 -> new ColumnEncoder(Oid.FLOAT4, Oid.FLOAT4_ARRAY, ColumnEncoder::float4);
                case FLOAT64 -> new ColumnEncoder(Oid.FLOAT8, Oid.FLOAT8_ARRAY, ColumnEncoder::float8);
                case TEXT, JSON, DOCUMENT -> TEXT;
                case BYTES -> new ColumnEncoder(Oid.BYTEA, Oid.BYTEA_ARRAY, ColumnEncoder::bytea);
                case UUID -> new ColumnEncoder(Oid.UUID, Oid.UUID_ARRAY, ColumnEncoder::uuid);
                case DATE -> new ColumnEncoder(Oid.DATE, Oid.DATE_ARRAY, ColumnEncoder::date);
                case TIME -> new ColumnEncoder(Oid.TIME, Oid.TIME_ARRAY, ColumnEncoder::int8);
                case TIMESTAMP -> new ColumnEncoder(Oid.TIMESTAMP, Oid.TIMESTAMP_ARRAY, ColumnEncoder::timestamp);
                case TIMESTAMPTZ -> new ColumnEncoder(Oid.TIMESTAMPTZ, Oid.TIMESTAMPTZ_ARRAY, ColumnEncoder::timestamp);
            };
        }
        if (type instanceof Numeric) {
            return new ColumnEncoder(Oid.NUMERIC, Oid.NUMERIC_ARRAY, BinaryNumeric::write);
        }
        if (type instanceof Array array) {
            // An array of arrays would be one array of two dimensions, which unnest takes apart down to the last
            // element.
            ArrayLiteral literal = new ArrayLiteral(array.element(), delimiter);
            return new ColumnEncoder(Oid.TEXT, Oid.TEXT_ARRAY, (value, out) -> text(literal.of((List<?>) value), out));
        }
        if (type instanceof Native) {
            return TEXT;
        }
        throw new IllegalStateException("the compiler knows every logical type");
    }

    private static final ColumnEncoder TEXT =
            new ColumnEncoder(Oid.TEXT, Oid.TEXT_ARRAY, (value, out) -> text((String) value, out));

    private static void text(String value, BinaryArray out) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.beginElement(bytes.length);
        out.putBytes(bytes);
    }

    private static void bool(Object value, BinaryArray out) {
        out.beginElement(1);
        out.putByte((Boolean) value ? 1 : 0);
    }

    private static void int4(Object value, BinaryArray out) {
        out.beginElement(4);
        out.putInt((Integer) value);
    }

    private static void int8(Object value, BinaryArray out) {
        out.beginElement(8);
        out.putLong((Long) value);
    }

    private static void float4(Object value, BinaryArray out) {
        out.beginElement(4);
        out.putInt(Float.floatToIntBits((Float) value));
    }

    private static void float8(Object value, BinaryArray out) {
        out.beginElement(8);
        out.putLong(Double.doubleToLongBits((Double) value));
    }

    private static void bytea(Object value, BinaryArray out) {
        byte[] bytes = ((Bytes) value).unsafeArray();
        out.beginElement(bytes.length);
        out.putBytes(bytes);
    }

    private static void uuid(Object value, BinaryArray out) {
        UUID uuid = (UUID) value;
        out.beginElement(16);
        out.putLong(uuid.getMostSignificantBits());
        out.putLong(uuid.getLeastSignificantBits());
    }

    private static void date(Object value, BinaryArray out) {
        out.beginElement(4);
        out.putInt(shifted((Integer) value));
    }

    private static int shifted(int days) {
        if (days == Temporals.DATE_INFINITY || days == Temporals.DATE_NEGATIVE_INFINITY) {
            return days;
        }
        return days < Integer.MIN_VALUE + 1 + DAYS_TO_2000 ? Integer.MIN_VALUE + 1 : days - DAYS_TO_2000;
    }

    private static void timestamp(Object value, BinaryArray out) {
        out.beginElement(8);
        out.putLong(shifted((Long) value));
    }

    /** What lies before all that PostgreSQL can hold must not wrap around to the far future: it stays for it to refuse. */
    private static long shifted(long micros) {
        if (micros == Temporals.TIMESTAMP_INFINITY || micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            return micros;
        }
        return micros < Long.MIN_VALUE + 1 + MICROS_TO_2000 ? Long.MIN_VALUE + 1 : micros - MICROS_TO_2000;
    }
}

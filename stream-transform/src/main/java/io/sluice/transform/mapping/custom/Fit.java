package io.sluice.transform.mapping.custom;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import io.sluice.schemas.model.Temporals;
import io.sluice.transform.mapping.value.SqlType;
import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;

/** Whether a value that a mapper gives is one of its column, and would be stored as it is: nothing is rounded or cut off. */
final class Fit {

    private static final int MICRO_DIGITS = 6;

    private Fit() {}

    static boolean fits(Object value, SqlType sql) {
        LogicalType type = sql.type();
        if (type instanceof Numeric numeric) {
            return value instanceof NumericSpecial || (value instanceof BigDecimal decimal && fits(decimal, numeric));
        }
        if (type instanceof Array array) {
            SqlType element = new SqlType(array.element(), sql.declared(), sql.limit());
            return value instanceof List<?> list && list.stream().allMatch(each -> each == null || fits(each, element));
        }
        return type instanceof Simple simple ? fits(value, simple, sql) : value instanceof String;
    }

    private static boolean fits(Object value, Simple type, SqlType sql) {
        return switch (type) {
            case BOOLEAN -> value instanceof Boolean;
            case INT16 -> value instanceof Integer number && number == (short) (int) number;
            case INT32, DATE -> value instanceof Integer;
            case INT64 -> value instanceof Long;
            case FLOAT32 -> value instanceof Float;
            case FLOAT64 -> value instanceof Double;
            case TEXT -> value instanceof String text && isNoLonger(text, sql);
            case JSON, DOCUMENT -> value instanceof String;
            case BYTES -> value instanceof Bytes;
            case UUID -> value instanceof UUID;
            case TIME, TIMESTAMP, TIMESTAMPTZ -> value instanceof Long micros && hasNoMoreDigits(micros, sql);
        };
    }

    private static boolean fits(BigDecimal value, Numeric type) {
        if (type.precision() == null || type.scale() == null) {
            return true;
        }
        BigDecimal plain = value.stripTrailingZeros();
        return plain.scale() <= type.scale() && plain.precision() - plain.scale() <= type.precision() - type.scale();
    }

    /** A zero character is in no text of PostgreSQL. */
    private static boolean isNoLonger(String value, SqlType sql) {
        return value.indexOf('\0') < 0
                && (sql.limit() == null || value.codePointCount(0, value.length()) <= sql.limit());
    }

    private static boolean hasNoMoreDigits(long micros, SqlType sql) {
        if (sql.limit() == null
                || micros == Temporals.TIMESTAMP_INFINITY
                || micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            return true;
        }
        long unit = 1;
        for (int digits = sql.limit(); digits < MICRO_DIGITS; digits++) {
            unit *= 10;
        }
        return micros % unit == 0;
    }
}

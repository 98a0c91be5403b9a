package io.sluice.transform.mapping;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import java.math.BigDecimal;
import java.util.Optional;

/** Changes of a value's carrier that lose nothing and keep different values different. */
enum Widening {
    NONE {
        @Override
        Object apply(Object value) {
            return value;
        }
    },
    INTEGER_TO_LONG {
        @Override
        Object apply(Object value) {
            return (long) (Integer) value;
        }
    },
    INTEGER_TO_NUMERIC {
        @Override
        Object apply(Object value) {
            return BigDecimal.valueOf(((Number) value).longValue());
        }
    },
    FLOAT_TO_DOUBLE {
        @Override
        Object apply(Object value) {
            return (double) (Float) value;
        }
    };

    private static final int INT16_DIGITS = 5;
    private static final int INT32_DIGITS = 10;
    private static final int INT64_DIGITS = 19;

    abstract Object apply(Object value);

    /** The way from one type to the other; empty where values would have to be converted. */
    static Optional<Widening> between(LogicalType from, LogicalType to) {
        if (from.equals(to) || (from == Simple.INT16 && to == Simple.INT32)) {
            return Optional.of(NONE);
        }
        if ((from == Simple.INT16 || from == Simple.INT32) && to == Simple.INT64) {
            return Optional.of(INTEGER_TO_LONG);
        }
        if (from == Simple.FLOAT32 && to == Simple.FLOAT64) {
            return Optional.of(FLOAT_TO_DOUBLE);
        }
        if (to instanceof Numeric wide) {
            if (from instanceof Numeric narrow) {
                return holds(wide, narrow) ? Optional.of(NONE) : Optional.empty();
            }
            int digits = from == Simple.INT16
                    ? INT16_DIGITS
                    : from == Simple.INT32 ? INT32_DIGITS : from == Simple.INT64 ? INT64_DIGITS : 0;
            return digits > 0 && holds(wide, new Numeric(digits, 0))
                    ? Optional.of(INTEGER_TO_NUMERIC)
                    : Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean holds(Numeric wide, Numeric narrow) {
        if (wide.precision() == null || wide.scale() == null) {
            return true;
        }
        return narrow.precision() != null
                && narrow.scale() != null
                && wide.scale() >= narrow.scale()
                && wide.precision() - wide.scale() >= narrow.precision() - narrow.scale();
    }
}

package io.sluice.control.reconcile;

import io.sluice.control.reconcile.Canonical.Family;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Temporals;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What it means for the values of one column to be equal: one as the mapping gives it, the other as the target's column holds
 * it, which may be of another type. What a column can't hold is expected there as the target's own rules have it.
 */
final class ColumnMatch {

    private static final int MICRO_DIGITS = 6;
    /** PostgreSQL rounds times away from its own zero, 2000-01-01. */
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;

    private final String name;
    private final LogicalType expected;
    private final LogicalType actual;
    private final Way way;
    private final boolean padded;
    private final int digits;
    private final @Nullable BigDecimal tolerance;

    /** How the two are brought together. */
    private enum Way {
        CANONICAL,
        TEXT,
        NONE
    }

    ColumnMatch(Column expected, Column actual, @Nullable BigDecimal tolerance) {
        this.name = expected.name();
        this.expected = expected.type();
        this.actual = actual.type();
        this.way = way(this.expected, this.actual);
        this.padded = actual.declared().startsWith("character(");
        this.digits = digits(actual);
        this.tolerance = tolerance;
    }

    private static Way way(LogicalType expected, LogicalType actual) {
        Family family = Family.of(expected);
        if (expected.equals(actual)) {
            return Way.CANONICAL;
        }
        if (expected instanceof Array one && actual instanceof Array other) {
            return way(one.element(), other.element()) == Way.CANONICAL ? Way.CANONICAL : Way.NONE;
        }
        if (family == Family.of(actual) && family != Family.OTHER && family != Family.ARRAY) {
            return Way.CANONICAL;
        }
        boolean plainText = expected == Simple.TEXT || expected instanceof Native;
        boolean asText = actual == Simple.TEXT || actual instanceof Native;
        if (expected == Simple.TEXT && Family.of(actual) == Family.JSON) {
            return Way.NONE;
        }
        return (plainText || family == Family.NUMBER || expected == Simple.UUID) && asText ? Way.TEXT : Way.NONE;
    }

    /** How many digits behind the second the target keeps: {@code timestamp(3) without time zone}. */
    private static int digits(Column actual) {
        String declared = actual.declared();
        int open = declared.indexOf('(');
        boolean time = declared.startsWith("time");
        return time && open > 0 ? declared.charAt(open + 1) - '0' : MICRO_DIGITS;
    }

    String name() {
        return name;
    }

    /** Whether there is a way to tell. */
    boolean isPossible() {
        return way != Way.NONE;
    }

    @Nullable
    Object expected(@Nullable Object value) {
        Object held = value == null ? null : held(value);
        return way == Way.TEXT ? Canonical.text(expected, held) : padded(Canonical.of(expected, held));
    }

    @Nullable
    Object actual(@Nullable Object value) {
        return way == Way.TEXT ? Canonical.text(actual, value) : padded(Canonical.of(actual, value));
    }

    boolean isEqual(@Nullable Object one, @Nullable Object other) {
        if (one == null || other == null) {
            return one == other;
        }
        return one.equals(other) || Objects.equals(expected(one), actual(other)) || isNear(one, other);
    }

    private boolean isNear(Object one, Object other) {
        if (tolerance == null) {
            return false;
        }
        BigDecimal here = decimal(one);
        BigDecimal there = decimal(other);
        return here != null && there != null && here.subtract(there).abs().compareTo(tolerance) <= 0;
    }

    private static @Nullable BigDecimal decimal(Object value) {
        if (value instanceof BigDecimal decimal) {
            return decimal;
        }
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            return Double.isFinite(number) ? new BigDecimal(number) : null;
        }
        return value instanceof Number number ? BigDecimal.valueOf(number.longValue()) : null;
    }

    /** Blanks that fill up a {@code character(n)} mean nothing; any other blank does. */
    private @Nullable Object padded(@Nullable Object value) {
        if (!padded || !(value instanceof String text)) {
            return value;
        }
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }

    /** The value as the target's type keeps it. */
    private Object held(Object value) {
        if (value instanceof BigDecimal decimal && actual instanceof Numeric numeric) {
            Integer scale = numeric.scale();
            return scale == null ? decimal : decimal.setScale(scale, RoundingMode.HALF_UP);
        }
        if (value instanceof Double number && actual == Simple.FLOAT32) {
            return number.floatValue();
        }
        if (value instanceof Long micros && digits < MICRO_DIGITS) {
            return rounded(micros);
        }
        return value;
    }

    private long rounded(long micros) {
        if (micros == Temporals.TIMESTAMP_INFINITY || micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            return micros;
        }
        long zero = actual == Simple.TIME ? 0 : MICROS_TO_2000;
        return BigDecimal.valueOf(micros - zero, MICRO_DIGITS)
                        .setScale(digits, RoundingMode.HALF_UP)
                        .movePointRight(MICRO_DIGITS)
                        .longValueExact()
                + zero;
    }
}

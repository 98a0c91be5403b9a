package io.sluice.transform.mapping.value;

import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.NumericSpecial;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** Numbers as other numbers, never rounded. */
final class Numbers {

    /** What PostgreSQL's numeric has; also keeps a short text like 1e999999999 from filling the memory. */
    private static final int MOST_DIGITS_BEFORE = 131_072;

    private static final int MOST_DIGITS_BEHIND = 16_383;
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,9})?");

    private Numbers() {}

    /** The same number, if a numeric without limits holds it. */
    static BigDecimal storable(BigDecimal value) {
        if ((long) value.precision() - value.scale() > MOST_DIGITS_BEFORE) {
            throw outOfRange("numeric");
        }
        if (value.scale() > MOST_DIGITS_BEHIND) {
            throw new UnfitValueException("a number has more digits behind the point than numeric holds");
        }
        return value.scale() < 0 ? value.setScale(0) : value;
    }

    static BigDecimal fitting(BigDecimal value, Numeric type) {
        BigDecimal plain = storable(value);
        if (type.precision() == null || type.scale() == null) {
            return plain;
        }
        try {
            BigDecimal scaled = plain.setScale(type.scale(), RoundingMode.UNNECESSARY);
            if (scaled.precision() <= type.precision()) {
                return scaled.scale() < 0 ? scaled.setScale(0) : scaled;
            }
        } catch (ArithmeticException e) {
            throw new UnfitValueException("a number has more than " + type.scale() + " digits behind the point");
        }
        throw outOfRange("numeric(" + type.precision() + "," + type.scale() + ")");
    }

    static NumericSpecial fitting(NumericSpecial value, Numeric type) {
        if (type.precision() != null && value != NumericSpecial.NAN) {
            throw new UnfitValueException("infinity fits only numeric without precision");
        }
        return value;
    }

    /** The decimal that a floating-point number is written as: the shortest that no other such number is nearer to. */
    static Object decimal(double value) {
        if (Double.isNaN(value)) {
            return NumericSpecial.NAN;
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? NumericSpecial.POSITIVE_INFINITY : NumericSpecial.NEGATIVE_INFINITY;
        }
        return new BigDecimal(Double.toString(value));
    }

    /** As {@link #decimal(double)}, with the fewer digits that a float has. */
    static Object decimal(float value) {
        return Float.isFinite(value) ? new BigDecimal(Float.toString(value)) : decimal((double) value);
    }

    static BigDecimal parse(String text) {
        if (text.length() > MOST_DIGITS_BEFORE || !DECIMAL.matcher(text).matches()) {
            throw new UnfitValueException("a text is no number");
        }
        return storable(new BigDecimal(text));
    }

    static long whole(BigDecimal value, long least, long most, String type) {
        // Compared as decimals first: longValueExact of 1e999999999 would write it out.
        if (value.compareTo(BigDecimal.valueOf(least)) < 0 || value.compareTo(BigDecimal.valueOf(most)) > 0) {
            throw outOfRange(type);
        }
        try {
            return value.longValueExact();
        } catch (ArithmeticException e) {
            throw new UnfitValueException("a number is no whole one");
        }
    }

    static double floating(BigDecimal value) {
        double nearest = value.doubleValue();
        if (Double.isInfinite(nearest) || new BigDecimal(Double.toString(nearest)).compareTo(value) != 0) {
            throw new UnfitValueException("a number has more digits than double precision holds");
        }
        return nearest;
    }

    static float single(double value) {
        float nearest = (float) value;
        if (Double.isFinite(value) && (double) nearest != value) {
            throw new UnfitValueException("a number has more digits than real holds");
        }
        return nearest;
    }

    static double special(NumericSpecial value) {
        return switch (value) {
            case NAN -> Double.NaN;
            case POSITIVE_INFINITY -> Double.POSITIVE_INFINITY;
            case NEGATIVE_INFINITY -> Double.NEGATIVE_INFINITY;
        };
    }

    /** Without zeros at the end of a fraction: equal numbers have equal texts. */
    static String canonicalText(Object number) {
        return number instanceof BigDecimal decimal
                ? storable(decimal.signum() == 0 ? BigDecimal.ZERO : decimal.stripTrailingZeros())
                        .toPlainString()
                : number.toString();
    }

    private static UnfitValueException outOfRange(String type) {
        return new UnfitValueException("a number is out of the range of " + type);
    }
}

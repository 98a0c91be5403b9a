package io.sluice.transform.mapping.expression;

import com.google.common.primitives.UnsignedLong;
import io.sluice.transform.mapping.value.UnfitValueException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Exact arithmetic of numbers of any kind. One number has one form, whatever zeros it was written with. */
final class Decimals {

    private static final int MOST_DIGITS = 10_000;

    private Decimals() {}

    static BigDecimal canonical(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        if ((long) stripped.precision() + Math.abs((long) stripped.scale()) > MOST_DIGITS) {
            throw new UnfitValueException("a number has too many digits to compute with");
        }
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    /** A floating-point number is the decimal that it is written as. */
    static BigDecimal of(Number number) {
        if (number instanceof BigDecimal decimal) {
            return decimal;
        }
        if (number instanceof Double floating) {
            if (!Double.isFinite(floating)) {
                throw new UnfitValueException("NaN and infinity are no decimals");
            }
            return canonical(new BigDecimal(floating.toString()));
        }
        return number instanceof UnsignedLong unsigned
                ? new BigDecimal(unsigned.bigIntegerValue())
                : BigDecimal.valueOf(number.longValue());
    }

    static BigDecimal parse(String text) {
        try {
            return canonical(new BigDecimal(text));
        } catch (NumberFormatException e) {
            throw new UnfitValueException("a text is no decimal");
        }
    }

    static BigDecimal add(Number left, Number right) {
        return canonical(of(left).add(of(right)));
    }

    static BigDecimal subtract(Number left, Number right) {
        return canonical(of(left).subtract(of(right)));
    }

    static BigDecimal multiply(Number left, Number right) {
        return canonical(of(left).multiply(of(right)));
    }

    static BigDecimal divide(Number left, Number right) {
        BigDecimal divisor = of(right);
        if (divisor.signum() == 0) {
            throw new UnfitValueException("it divides by zero");
        }
        try {
            return canonical(of(left).divide(divisor));
        } catch (ArithmeticException e) {
            throw new UnfitValueException("a quotient has no end: say its digits, quotient(a, b, 4)");
        }
    }

    static BigDecimal quotient(Number left, Number right, long digits) {
        BigDecimal divisor = of(right);
        if (divisor.signum() == 0) {
            throw new UnfitValueException("it divides by zero");
        }
        return canonical(of(left).divide(divisor, digits(digits), RoundingMode.HALF_UP));
    }

    static BigDecimal round(Number value, long digits) {
        return canonical(of(value).setScale(digits(digits), RoundingMode.HALF_UP));
    }

    private static int digits(long digits) {
        if (digits < 0 || digits > 1000) {
            throw new UnfitValueException("a number of digits is none from 0 to 1000");
        }
        return (int) digits;
    }

    static long whole(BigDecimal value) {
        try {
            return value.longValueExact();
        } catch (ArithmeticException e) {
            throw new UnfitValueException("a decimal is no whole number of 64 bits");
        }
    }

    static double floating(BigDecimal value) {
        double nearest = value.doubleValue();
        if (Double.isInfinite(nearest) || new BigDecimal(Double.toString(nearest)).compareTo(value) != 0) {
            throw new UnfitValueException("a decimal has more digits than a double holds");
        }
        return nearest;
    }
}

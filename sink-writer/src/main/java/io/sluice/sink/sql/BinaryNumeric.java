package io.sluice.sink.sql;

import io.sluice.schemas.model.NumericSpecial;
import java.math.BigDecimal;

/**
 * A decimal in PostgreSQL's binary form: groups of four digits around the decimal point.
 *
 * <pre>int16 groups · int16 weight of the first · int16 sign · int16 display scale · int16 for each group</pre>
 */
final class BinaryNumeric {

    private static final int NEGATIVE = 0x4000;
    private static final int NAN = 0xC000;
    private static final int POSITIVE_INFINITY = 0xD000;
    private static final int NEGATIVE_INFINITY = 0xF000;
    private static final int GROUP = 4;
    private static final long[] POWERS = {1, 10, 100, 1000};
    /** A number of so many digits still fits a long after padding to whole groups. */
    private static final int LONG_DIGITS = 15;

    private BinaryNumeric() {}

    static void write(Object value, BinaryArray out) {
        if (value instanceof NumericSpecial special) {
            out.beginElement(8);
            out.putShort(0);
            out.putShort(0);
            out.putShort(
                    switch (special) {
                        case NAN -> NAN;
                        case POSITIVE_INFINITY -> POSITIVE_INFINITY;
                        case NEGATIVE_INFINITY -> NEGATIVE_INFINITY;
                    });
            out.putShort(0);
            return;
        }
        BigDecimal decimal = (BigDecimal) value;
        if (decimal.scale() < 0) {
            decimal = decimal.setScale(0);
        }
        if (decimal.precision() <= LONG_DIGITS) {
            writeSmall(decimal, out);
        } else {
            writeLarge(decimal, out);
        }
    }

    private static void writeSmall(BigDecimal decimal, BinaryArray out) {
        int scale = decimal.scale();
        int padding = (GROUP - scale % GROUP) % GROUP;
        long rest = Math.abs(decimal.unscaledValue().longValue()) * POWERS[padding];
        int weight = -(scale + padding) / GROUP - 1;
        while (rest != 0 && rest % 10_000 == 0) {
            rest /= 10_000;
            weight++;
        }
        int groups = 0;
        long divisor = 1;
        for (long left = rest; left != 0; left /= 10_000) {
            groups++;
            divisor = groups == 1 ? 1 : divisor * 10_000;
        }
        header(out, groups, groups == 0 ? 0 : weight + groups, decimal);
        for (int i = 0; i < groups; i++) {
            out.putShort((int) (rest / divisor % 10_000));
            divisor /= 10_000;
        }
    }

    private static void writeLarge(BigDecimal decimal, BinaryArray out) {
        int scale = decimal.scale();
        String digits = decimal.unscaledValue().abs().toString();
        int after = scale + (GROUP - scale % GROUP) % GROUP;
        // Where the groups' digits begin and end, counted from the first digit that is not zero; both sides padded by
        // zeros.
        int end = digits.length() + after - scale;
        int begin = end - (end + GROUP - 1) / GROUP * GROUP;
        int last = end;
        while (last > begin && group(digits, last - GROUP) == 0) {
            last -= GROUP;
        }
        int groups = (last - begin) / GROUP;
        int weight = (end - begin - after) / GROUP - 1;
        header(out, groups, groups == 0 ? 0 : weight, decimal);
        for (int at = begin; at < last; at += GROUP) {
            out.putShort(group(digits, at));
        }
    }

    private static int group(String digits, int at) {
        int group = 0;
        for (int i = at; i < at + GROUP; i++) {
            group = group * 10 + (i >= 0 && i < digits.length() ? digits.charAt(i) - '0' : 0);
        }
        return group;
    }

    private static void header(BinaryArray out, int groups, int weight, BigDecimal decimal) {
        out.beginElement(8 + 2 * groups);
        out.putShort(groups);
        out.putShort(weight);
        out.putShort(decimal.signum() < 0 ? NEGATIVE : 0);
        out.putShort(decimal.scale());
    }
}

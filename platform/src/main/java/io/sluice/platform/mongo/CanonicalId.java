package io.sluice.platform.mongo;

import java.math.BigDecimal;
import org.bson.BsonArray;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.Decimal128;

/**
 * The one spelling of an {@code _id} among those that MongoDB holds to be equal: 1, 1L, 1.0 and the decimal 1 are one id there,
 * and a replacement may change one into another.
 */
final class CanonicalId {

    /** No wider number is a whole one of 64 bits; and nothing is expanded to thousands of digits only to find that out. */
    private static final int MOST_LONG_DIGITS = 19;

    private CanonicalId() {}

    static BsonValue of(BsonValue id) {
        return switch (id.getBsonType()) {
            case INT32 -> id;
            case INT64 -> whole(id.asInt64().getValue());
            case DOUBLE -> number(id.asDouble().getValue());
            case DECIMAL128 -> number(id.asDecimal128().getValue());
            case SYMBOL -> new BsonString(id.asSymbol().getSymbol());
            case DOCUMENT -> document(id.asDocument());
            case ARRAY -> array(id.asArray());
            default -> id;
        };
    }

    private static BsonDocument document(BsonDocument document) {
        BsonDocument canonical = new BsonDocument();
        document.forEach((name, value) -> canonical.put(name, of(value)));
        return canonical;
    }

    private static BsonArray array(BsonArray array) {
        BsonArray canonical = new BsonArray();
        array.forEach(value -> canonical.add(of(value)));
        return canonical;
    }

    private static BsonValue whole(long value) {
        return (int) value == value ? new BsonInt32((int) value) : new BsonInt64(value);
    }

    private static BsonValue number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            // One NaN among all its bit patterns.
            return new BsonDouble(Double.longBitsToDouble(Double.doubleToLongBits(value)));
        }
        return number(new BigDecimal(value));
    }

    private static BsonValue number(Decimal128 value) {
        if (value.isNaN()) {
            return new BsonDouble(Double.NaN);
        }
        if (value.isInfinite()) {
            return new BsonDouble(value.isNegative() ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        try {
            return number(value.bigDecimalValue());
        } catch (ArithmeticException e) {
            // What is left is zero with a minus sign, which BigDecimal has not, and which equals zero.
            return new BsonInt32(0);
        }
    }

    private static BsonValue number(BigDecimal exact) {
        BigDecimal value = exact.signum() == 0 ? BigDecimal.ZERO : exact.stripTrailingZeros();
        if (value.scale() <= 0 && value.precision() - value.scale() <= MOST_LONG_DIGITS) {
            try {
                return whole(value.longValueExact());
            } catch (ArithmeticException e) {
                // Nineteen digits, and yet beyond 64 bits.
            }
        }
        double nearest = value.doubleValue();
        if (!Double.isInfinite(nearest) && new BigDecimal(nearest).compareTo(value) == 0) {
            return new BsonDouble(nearest);
        }
        return new BsonDecimal128(new Decimal128(value));
    }
}

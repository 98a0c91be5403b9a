package io.sluice.transform.mapping.value;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which types become which others. What is not here would have to guess: a zone, a unit, an encoding. */
public final class Conversions {

    private Conversions() {}

    /** Empty where there is no way from the one to the other that every reader would expect. */
    public static Optional<Conversion> between(LogicalType from, SqlType to) {
        if (to.declared().startsWith("character(")) {
            // Padded by the database, so what is read back is not what was written.
            return Optional.empty();
        }
        if (to.type() instanceof Numeric numeric) {
            return toNumeric(from, numeric);
        }
        if (to.type() instanceof LogicalType.Array array) {
            return toArray(from, array, to);
        }
        if (!(to.type() instanceof Simple simple)) {
            return Optional.empty();
        }
        return switch (simple) {
            case BOOLEAN -> toBoolean(from);
            case INT16 -> toInteger(from, Short.MIN_VALUE, Short.MAX_VALUE, to.declared(), false);
            case INT32 -> toInteger(from, Integer.MIN_VALUE, Integer.MAX_VALUE, to.declared(), false);
            case INT64 -> toInteger(from, Long.MIN_VALUE, Long.MAX_VALUE, to.declared(), true);
            case FLOAT32 -> toFloating(from).map(Conversions::narrowed);
            case FLOAT64 -> toFloating(from);
            case TEXT -> toText(from, to.limit());
            case BYTES -> from == Simple.BYTES ? same() : Optional.empty();
            case UUID -> toUuid(from);
            case DATE -> toDate(from);
            case TIME, TIMESTAMP, TIMESTAMPTZ -> toTime(from, simple, to.limit());
            case JSON -> toJson(from);
            case DOCUMENT -> Optional.empty();
        };
    }

    /** The one text of a value, the same for equal values; empty where a type's equal values may be written differently. */
    public static Optional<Conversion> canonicalText(LogicalType from) {
        if (from.mayBeWrittenDifferently()) {
            return Optional.empty();
        }
        if (from == Simple.BYTES) {
            return Optional.of(Conversion.distinct(Object::toString));
        }
        Optional<Conversion> decimal = from instanceof Numeric || from == Simple.FLOAT32 || from == Simple.FLOAT64
                ? toDecimal(from)
                : Optional.empty();
        return decimal.isPresent()
                ? decimal.map(number -> Conversion.distinct(value -> Numbers.canonicalText(number.apply(value))))
                : toText(from, null);
    }

    private static Optional<Conversion> same() {
        return Optional.of(Conversion.distinct(value -> value));
    }

    private static Optional<Conversion> toBoolean(LogicalType from) {
        if (from == Simple.BOOLEAN) {
            return same();
        }
        if (from == Simple.TEXT) {
            return Optional.of(Conversion.distinct(value -> Texts.bool((String) value)));
        }
        if (from == Simple.INT16 || from == Simple.INT32 || from == Simple.INT64) {
            return Optional.of(Conversion.distinct(value -> zeroOrOne((Number) value)));
        }
        return Optional.empty();
    }

    private static Boolean zeroOrOne(Number value) {
        long number = value.longValue();
        if (number != 0 && number != 1) {
            throw new UnfitValueException("a number is neither 0 nor 1");
        }
        return number == 1;
    }

    /** Any number in a BigDecimal, or a special one; empty where it is no number. */
    private static Optional<Conversion> toDecimal(LogicalType from) {
        if (from instanceof Numeric) {
            return same();
        }
        if (!(from instanceof Simple simple)) {
            return Optional.empty();
        }
        return switch (simple) {
            case INT16, INT32, INT64 ->
                Optional.of(Conversion.distinct(value -> BigDecimal.valueOf(((Number) value).longValue())));
            case FLOAT32 -> Optional.of(Conversion.distinct(value -> Numbers.decimal((float) (Float) value)));
            case FLOAT64 -> Optional.of(Conversion.distinct(value -> Numbers.decimal((double) (Double) value)));
            case TEXT -> Optional.of(Conversion.merging(value -> Numbers.parse((String) value)));
            default -> Optional.empty();
        };
    }

    private static Optional<Conversion> toNumeric(LogicalType from, Numeric to) {
        return toDecimal(from).map(first -> new Conversion(value -> fitting(first.apply(value), to), first.inKeys()));
    }

    private static Object fitting(Object number, Numeric to) {
        return number instanceof NumericSpecial special
                ? Numbers.fitting(special, to)
                : Numbers.fitting((BigDecimal) number, to);
    }

    private static Optional<Conversion> toInteger(LogicalType from, long least, long most, String type, boolean wide) {
        return toDecimal(from)
                .map(first -> new Conversion(
                        value -> {
                            Object number = first.apply(value);
                            if (number instanceof NumericSpecial) {
                                throw new UnfitValueException("NaN and infinity are no whole numbers");
                            }
                            long whole = Numbers.whole((BigDecimal) number, least, most, type);
                            return wide ? (Object) whole : (Object) (int) whole;
                        },
                        first.inKeys()));
    }

    private static Optional<Conversion> toFloating(LogicalType from) {
        if (from == Simple.FLOAT64) {
            return same();
        }
        if (from == Simple.FLOAT32) {
            return Optional.of(Conversion.distinct(value -> (double) (Float) value));
        }
        return toDecimal(from)
                .map(first -> new Conversion(
                        value -> {
                            Object number = first.apply(value);
                            return number instanceof NumericSpecial special
                                    ? Numbers.special(special)
                                    : Numbers.floating((BigDecimal) number);
                        },
                        first.inKeys()));
    }

    private static Conversion narrowed(Conversion toDouble) {
        return new Conversion(value -> Numbers.single((Double) toDouble.apply(value)), toDouble.inKeys());
    }

    private static Optional<Conversion> toText(LogicalType from, @Nullable Integer limit) {
        if (from instanceof Numeric || from == Simple.FLOAT32 || from == Simple.FLOAT64) {
            // 1.0 and 1.00 are one number and two texts.
            return toDecimal(from)
                    .map(first -> Conversion.splitting(value -> Texts.fitting(numberText(first.apply(value)), limit)));
        }
        if (from instanceof LogicalType.Native) {
            return Optional.of(Conversion.distinct(value -> Texts.fitting((String) value, limit)));
        }
        if (!(from instanceof Simple simple)) {
            return Optional.empty();
        }
        return switch (simple) {
            case BOOLEAN, INT16, INT32, INT64, TEXT, UUID ->
                Optional.of(Conversion.distinct(value -> Texts.fitting(value.toString(), limit)));
            case JSON -> Optional.of(Conversion.splitting(value -> Texts.fitting((String) value, limit)));
            case DATE ->
                Optional.of(Conversion.distinct(value -> Texts.fitting(Times.dateText((Integer) value), limit)));
            case TIME -> Optional.of(Conversion.distinct(value -> Texts.fitting(Times.timeText((Long) value), limit)));
            case TIMESTAMP, TIMESTAMPTZ ->
                Optional.of(Conversion.distinct(value ->
                        Texts.fitting(Times.timestampText((Long) value, simple == Simple.TIMESTAMPTZ), limit)));
            default -> Optional.empty();
        };
    }

    private static String numberText(Object number) {
        return number instanceof BigDecimal decimal ? Numbers.storable(decimal).toPlainString() : number.toString();
    }

    private static Optional<Conversion> toUuid(LogicalType from) {
        if (from == Simple.UUID) {
            return same();
        }
        return from == Simple.TEXT
                ? Optional.of(Conversion.merging(value -> Texts.uuid((String) value)))
                : Optional.empty();
    }

    private static Optional<Conversion> toDate(LogicalType from) {
        if (from == Simple.DATE) {
            return same();
        }
        if (from == Simple.TIMESTAMP) {
            return Optional.of(Conversion.distinct(value -> Times.day((Long) value)));
        }
        return from == Simple.TEXT
                ? Optional.of(Conversion.merging(value -> Times.date((String) value)))
                : Optional.empty();
    }

    private static Optional<Conversion> toTime(LogicalType from, Simple to, @Nullable Integer digits) {
        if (from == to) {
            return Optional.of(Conversion.distinct(value -> Times.fitting((Long) value, digits)));
        }
        if (from == Simple.DATE && to == Simple.TIMESTAMP) {
            return Optional.of(Conversion.distinct(value -> Times.beginning((Integer) value)));
        }
        if (from != Simple.TEXT) {
            return Optional.empty();
        }
        return Optional.of(Conversion.merging(value -> switch (to) {
            case TIME -> Times.time((String) value, digits);
            case TIMESTAMP -> Times.timestamp((String) value, digits);
            default -> Times.timestamptz((String) value, digits);
        }));
    }

    private static Optional<Conversion> toJson(LogicalType from) {
        if (from == Simple.JSON) {
            return same();
        }
        if (from == Simple.TEXT) {
            Documents documents = new Documents();
            return Optional.of(Conversion.merging(value -> {
                documents.parse((String) value);
                return value;
            }));
        }
        if (from == Simple.DOCUMENT) {
            Documents documents = new Documents();
            RelaxedJson relaxed = new RelaxedJson(Dialect.EXTENDED);
            return Optional.of(Conversion.merging(value -> relaxed.of(documents.parse((String) value))));
        }
        return Optional.empty();
    }

    private static Optional<Conversion> toArray(LogicalType from, LogicalType.Array to, SqlType declared) {
        if (!(from instanceof LogicalType.Array array)) {
            return Optional.empty();
        }
        return between(array.element(), declared.element(to))
                .map(each -> new Conversion(value -> elements((List<?>) value, each), each.inKeys()));
    }

    private static List<@Nullable Object> elements(List<?> values, Conversion each) {
        List<@Nullable Object> converted = new ArrayList<>(values.size());
        for (Object value : values) {
            converted.add(value == null ? null : each.apply(value));
        }
        return converted;
    }
}

package io.sluice.transform.mapping.value;

import java.util.function.UnaryOperator;

/**
 * What a value of one type becomes as a value of another.
 *
 * @param function from carrier to carrier; throws {@link UnfitValueException} where the other type can't hold the value
 * @param inKeys what happens to a key that is made so
 */
public record Conversion(UnaryOperator<Object> function, InKeys inKeys) {

    /** What a conversion does to values that tell rows apart. */
    public enum InKeys {
        /** Different values stay different, and equal ones equal. */
        DISTINCT,
        /** Different values may become equal: two rows may then meet in one. */
        MERGED,
        /** Equal values may become different ones: a row would not be found again. */
        SPLIT
    }

    static Conversion distinct(UnaryOperator<Object> function) {
        return new Conversion(function, InKeys.DISTINCT);
    }

    static Conversion merging(UnaryOperator<Object> function) {
        return new Conversion(function, InKeys.MERGED);
    }

    static Conversion splitting(UnaryOperator<Object> function) {
        return new Conversion(function, InKeys.SPLIT);
    }

    public Object apply(Object value) {
        return function.apply(value);
    }
}

package io.sluice.schemas.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a value means, apart from the database that holds it, and the Java class that carries it in a {@link Row}.
 *
 * <table>
 *   <caption>Carriers</caption>
 *   <tr><td>BOOLEAN</td><td>{@link Boolean}</td></tr>
 *   <tr><td>INT16, INT32</td><td>{@link Integer}</td></tr>
 *   <tr><td>INT64</td><td>{@link Long}</td></tr>
 *   <tr><td>FLOAT32, FLOAT64</td><td>{@link Float}, {@link Double}</td></tr>
 *   <tr><td>TEXT, JSON</td><td>{@link String}</td></tr>
 *   <tr><td>DOCUMENT</td><td>{@link String}, MongoDB's canonical extended JSON (version 2), which keeps every type</td></tr>
 *   <tr><td>BYTES</td><td>{@link Bytes}</td></tr>
 *   <tr><td>UUID</td><td>{@link java.util.UUID}</td></tr>
 *   <tr><td>DATE</td><td>{@link Integer}, days since 1970-01-01; see {@link Temporals} for infinity</td></tr>
 *   <tr><td>TIME</td><td>{@link Long}, microseconds of the day, 24:00:00 included</td></tr>
 *   <tr><td>TIMESTAMP, TIMESTAMPTZ</td><td>{@link Long}, microseconds since 1970-01-01 (UTC); see {@link Temporals}</td></tr>
 *   <tr><td>{@link Numeric}</td><td>{@link java.math.BigDecimal} with its scale as written, or {@link NumericSpecial}</td></tr>
 *   <tr><td>{@link Array}</td><td>{@link java.util.List} of the element's carrier or null</td></tr>
 *   <tr><td>{@link Native}</td><td>{@link String}, the database's own text form</td></tr>
 * </table>
 */
public sealed interface LogicalType {

    /**
     * Whether the database may hold two values of this type to be equal that are written differently, 'a' and 'A' in a citext
     * say. A key of such a column is not safe: a row that went from one spelling to the other would be written and then deleted.
     */
    default boolean mayBeWrittenDifferently() {
        return this == Simple.JSON || this == Simple.DOCUMENT || this instanceof Array || this instanceof Native;
    }

    /** Types without parameters. */
    enum Simple implements LogicalType {
        BOOLEAN,
        INT16,
        INT32,
        INT64,
        FLOAT32,
        FLOAT64,
        TEXT,
        BYTES,
        UUID,
        DATE,
        TIME,
        TIMESTAMP,
        TIMESTAMPTZ,
        JSON,
        DOCUMENT
    }

    /**
     * An exact decimal.
     *
     * @param precision null where the column takes any number of digits
     * @param scale null where the column keeps each value's own scale
     */
    record Numeric(@Nullable Integer precision, @Nullable Integer scale) implements LogicalType {

        public static final Numeric UNBOUNDED = new Numeric(null, null);

        public Numeric {
            if ((precision == null) != (scale == null)) {
                throw new IllegalArgumentException("precision and scale come together");
            }
        }
    }

    /** A one-dimensional array; arrays of more dimensions travel as {@link Native}. */
    record Array(LogicalType element) implements LogicalType {

        public Array {
            Objects.requireNonNull(element, "element");
            if (element instanceof Array) {
                throw new IllegalArgumentException("an array of arrays travels in its native text form");
            }
        }
    }

    /** A type that only its own database understands (enum, inet, range, interval, …), carried as that database writes it. */
    record Native(String typeName) implements LogicalType {

        public Native {
            Objects.requireNonNull(typeName, "typeName");
        }
    }
}

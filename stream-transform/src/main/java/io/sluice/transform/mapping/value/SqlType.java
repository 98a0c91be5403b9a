package io.sluice.transform.mapping.value;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL type as written in a file or declared by a catalog.
 *
 * @param declared as PostgreSQL itself writes it, {@code character varying(20)} for {@code varchar(20)}
 * @param limit characters of a text type, digits after the second of a temporal one; null: none
 */
public record SqlType(LogicalType type, String declared, @Nullable Integer limit) {

    private static final Pattern SHAPE =
            Pattern.compile("([a-z][a-z0-9 ]*?)\\s*(?:\\(\\s*(\\d{1,9})\\s*(?:,\\s*(-?\\d{1,9})\\s*)?\\))?"
                    + "(\\s+with time zone|\\s+without time zone)?\\s*(\\[])?");
    private static final int MAX_NUMERIC_PRECISION = 1000;
    private static final int MAX_TEMPORAL_DIGITS = 6;

    /** The type of its elements, if this is an array. */
    public Optional<SqlType> elementType() {
        return type instanceof LogicalType.Array array ? Optional.of(element(array)) : Optional.empty();
    }

    /** The type of one element of an array of this type. */
    SqlType element(LogicalType.Array array) {
        return new SqlType(array.element(), declared.substring(0, declared.length() - "[]".length()), limit);
    }

    /** Empty where it is no type that this version knows. */
    public static Optional<SqlType> parse(String text) {
        Matcher shape = SHAPE.matcher(text.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " "));
        if (!shape.matches()) {
            return Optional.empty();
        }
        String zone = shape.group(4) == null ? "" : " " + shape.group(4).strip();
        Optional<SqlType> element = scalar(shape.group(1) + zone, number(shape.group(2)), number(shape.group(3)));
        if (shape.group(5) == null) {
            return element;
        }
        return element.map(of -> new SqlType(new LogicalType.Array(of.type), of.declared + "[]", of.limit));
    }

    private static Optional<SqlType> scalar(String name, @Nullable Integer first, @Nullable Integer second) {
        return switch (name) {
            case "numeric", "decimal" -> numeric(first, second);
            case "character varying", "varchar" -> text("character varying", first, second);
            case "character", "char", "bpchar" -> text("character", first == null ? Integer.valueOf(1) : first, second);
            case "time", "time without time zone" -> temporal(Simple.TIME, "time", " without time zone", first, second);
            case "timestamp", "timestamp without time zone" ->
                temporal(Simple.TIMESTAMP, "timestamp", " without time zone", first, second);
            case "timestamptz", "timestamp with time zone" ->
                temporal(Simple.TIMESTAMPTZ, "timestamp", " with time zone", first, second);
            default -> first == null ? plain(name) : Optional.empty();
        };
    }

    private static Optional<SqlType> plain(String name) {
        return switch (name) {
            case "boolean", "bool" -> of(Simple.BOOLEAN, "boolean");
            case "smallint", "int2" -> of(Simple.INT16, "smallint");
            case "integer", "int", "int4" -> of(Simple.INT32, "integer");
            case "bigint", "int8" -> of(Simple.INT64, "bigint");
            case "real", "float4" -> of(Simple.FLOAT32, "real");
            case "double precision", "float8", "float" -> of(Simple.FLOAT64, "double precision");
            case "text" -> of(Simple.TEXT, "text");
            case "bytea" -> of(Simple.BYTES, "bytea");
            case "uuid" -> of(Simple.UUID, "uuid");
            case "date" -> of(Simple.DATE, "date");
            case "json" -> of(Simple.JSON, "json");
            case "jsonb" -> of(Simple.JSON, "jsonb");
            default -> Optional.empty();
        };
    }

    private static Optional<SqlType> of(LogicalType type, String declared) {
        return Optional.of(new SqlType(type, declared, null));
    }

    private static Optional<SqlType> numeric(@Nullable Integer precision, @Nullable Integer scale) {
        if (precision == null) {
            return of(Numeric.UNBOUNDED, "numeric");
        }
        int digits = scale == null ? 0 : scale;
        if (precision < 1 || precision > MAX_NUMERIC_PRECISION || Math.abs(digits) > MAX_NUMERIC_PRECISION) {
            return Optional.empty();
        }
        return of(new Numeric(precision, digits), "numeric(" + precision + "," + digits + ")");
    }

    private static Optional<SqlType> text(String name, @Nullable Integer length, @Nullable Integer none) {
        if (none != null || (length != null && length < 1)) {
            return Optional.empty();
        }
        return Optional.of(new SqlType(Simple.TEXT, length == null ? name : name + "(" + length + ")", length));
    }

    private static Optional<SqlType> temporal(
            Simple type, String name, String zone, @Nullable Integer digits, @Nullable Integer none) {
        if (none != null || (digits != null && digits > MAX_TEMPORAL_DIGITS)) {
            return Optional.empty();
        }
        return Optional.of(new SqlType(type, name + (digits == null ? "" : "(" + digits + ")") + zone, digits));
    }

    private static @Nullable Integer number(@Nullable String digits) {
        return digits == null ? null : Integer.valueOf(digits);
    }

    /** Whether every value of that declared type, already of our logical type, is stored here as it is: whole, not padded. */
    public boolean storesUnaltered(String sourceDeclared) {
        if (sourceDeclared.equals(declared)) {
            return true;
        }
        if (declared.startsWith("character(")) {
            return false;
        }
        Integer most = limit;
        if (most == null) {
            return true;
        }
        Optional<SqlType> source = parse(sourceDeclared);
        Integer sourceMost = source.isEmpty() ? null : source.get().limit();
        return sourceMost != null && sourceMost <= most;
    }
}

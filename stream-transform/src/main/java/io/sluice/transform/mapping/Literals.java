package io.sluice.transform.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.pipeline.Literal;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values written in the file, as values of a column. */
final class Literals {

    private final ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** The SQL type of a constant that says none. */
    static String naturalType(Literal literal) {
        if (literal instanceof Literal.Bool) {
            return "boolean";
        }
        if (literal instanceof Literal.Decimal decimal) {
            return decimal.value().scale() <= 0 ? "bigint" : "numeric";
        }
        return "text";
    }

    /** Empty where it is no exact value of that type. */
    Optional<Object> valueOf(Literal literal, LogicalType type, @Nullable Integer limit) {
        try {
            if (literal instanceof Literal.Bool bool) {
                return type == Simple.BOOLEAN ? Optional.of(bool.value()) : Optional.empty();
            }
            if (literal instanceof Literal.Decimal decimal) {
                return number(decimal.value(), type);
            }
            return text((String) literal.value(), type, limit);
        } catch (ArithmeticException | DateTimeException | IllegalArgumentException | JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> number(BigDecimal value, LogicalType type) {
        if (type instanceof Numeric numeric) {
            BigDecimal plain = value.scale() < 0 ? value.setScale(0) : value;
            if (numeric.precision() == null || numeric.scale() == null) {
                return Optional.of(plain);
            }
            BigDecimal scaled = plain.setScale(numeric.scale());
            return scaled.precision() <= numeric.precision() ? Optional.of(scaled) : Optional.empty();
        }
        if (!(type instanceof Simple simple)) {
            return Optional.empty();
        }
        return switch (simple) {
            case INT16 -> Optional.of((int) value.shortValueExact());
            case INT32 -> Optional.of(value.intValueExact());
            case INT64 -> Optional.of(value.longValueExact());
            case FLOAT32 -> Optional.of(value.floatValue());
            case FLOAT64 -> Optional.of(value.doubleValue());
            default -> Optional.empty();
        };
    }

    private Optional<Object> text(String value, LogicalType type, @Nullable Integer limit)
            throws JsonProcessingException {
        if (type instanceof LogicalType.Native) {
            return Optional.of(value);
        }
        if (!(type instanceof Simple simple)) {
            return Optional.empty();
        }
        return switch (simple) {
            case TEXT ->
                limit == null || value.codePointCount(0, value.length()) <= limit
                        ? Optional.of(value)
                        : Optional.empty();
            case JSON -> json.readTree(value).isMissingNode() ? Optional.empty() : Optional.of(value);
            case UUID -> Optional.of(UUID.fromString(value));
            case DATE -> Optional.of(Math.toIntExact(LocalDate.parse(value).toEpochDay()));
            case TIME -> Optional.of(LocalTime.parse(value).toNanoOfDay() / 1000);
            case TIMESTAMP ->
                Optional.of(micros(LocalDateTime.parse(value.replace(' ', 'T')).toInstant(ZoneOffset.UTC)));
            case TIMESTAMPTZ ->
                Optional.of(micros(OffsetDateTime.parse(value.replace(' ', 'T')).toInstant()));
            default -> Optional.empty();
        };
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}

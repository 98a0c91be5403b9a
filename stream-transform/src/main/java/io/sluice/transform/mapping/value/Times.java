package io.sluice.transform.mapping.value;

import io.sluice.schemas.model.Temporals;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Dates and times as texts, as ISO 8601 and PostgreSQL write them, and as the numbers that carry them. */
final class Times {

    private static final int DATE_LENGTH = 10;
    private static final int NANOS_PER_MICRO = 1000;
    private static final int MICRO_DIGITS = 6;
    private static final long MICROS_PER_DAY = 86_400_000_000L;
    /** 4713-11-24 BC, PostgreSQL's first. */
    private static final long FIRST_MICROS = -210_866_803_200_000_000L;

    private static final DateTimeFormatter LOCAL = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .toFormatter(java.util.Locale.ROOT);
    private static final DateTimeFormatter ZONED = new DateTimeFormatterBuilder()
            .append(LOCAL)
            .appendPattern("[XXX][XX][X]")
            .toFormatter(java.util.Locale.ROOT);
    private static final DateTimeFormatter LOCAL_WRITTEN = written("");
    private static final DateTimeFormatter ZONED_WRITTEN = written("X");

    private Times() {}

    private static DateTimeFormatter written(String zone) {
        DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder()
                .append(DateTimeFormatter.ISO_LOCAL_DATE)
                .appendLiteral('T')
                .appendPattern("HH:mm:ss")
                .appendFraction(ChronoField.NANO_OF_SECOND, 0, MICRO_DIGITS, true);
        return (zone.isEmpty() ? builder : builder.appendPattern(zone)).toFormatter(java.util.Locale.ROOT);
    }

    static Integer date(String text) {
        try {
            return Math.toIntExact(LocalDate.parse(text).toEpochDay());
        } catch (DateTimeException | ArithmeticException e) {
            throw new UnfitValueException("a text is no date like 2026-01-31");
        }
    }

    static Long time(String text, @Nullable Integer digits) {
        try {
            return fitting(wholeMicros(LocalTime.parse(text).toNanoOfDay()), digits);
        } catch (DateTimeException e) {
            throw new UnfitValueException("a text is no time like 23:59:59.5");
        }
    }

    static Long timestamp(String text, @Nullable Integer digits) {
        try {
            return fitting(micros(LocalDateTime.parse(withT(text), LOCAL).toInstant(ZoneOffset.UTC)), digits);
        } catch (DateTimeException e) {
            throw new UnfitValueException("a text is no timestamp like 2026-01-31 23:59:59.5, without a zone");
        }
    }

    static Long timestamptz(String text, @Nullable Integer digits) {
        try {
            return fitting(micros(OffsetDateTime.parse(withT(text), ZONED).toInstant()), digits);
        } catch (DateTimeException e) {
            throw new UnfitValueException("a text is no timestamp with a zone, like 2026-01-31T23:59:59.5Z");
        }
    }

    private static String withT(String text) {
        return text.length() > DATE_LENGTH && text.charAt(DATE_LENGTH) == ' '
                ? text.substring(0, DATE_LENGTH) + 'T' + text.substring(DATE_LENGTH + 1)
                : text;
    }

    private static long micros(Instant instant) {
        wholeMicros(instant.getNano());
        try {
            return Math.addExact(
                    Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / NANOS_PER_MICRO);
        } catch (ArithmeticException e) {
            throw beyond();
        }
    }

    private static long wholeMicros(long nanos) {
        if (nanos % NANOS_PER_MICRO != 0) {
            throw new UnfitValueException("a time is finer than a microsecond");
        }
        return nanos / NANOS_PER_MICRO;
    }

    /** The same, if a type with so many digits behind the second holds it. */
    static Long fitting(long micros, @Nullable Integer digits) {
        if (micros == Temporals.TIMESTAMP_INFINITY || micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            return micros;
        }
        if (micros < FIRST_MICROS) {
            throw beyond();
        }
        if (digits != null) {
            long unit = 1;
            for (int i = digits; i < MICRO_DIGITS; i++) {
                unit *= 10;
            }
            if (micros % unit != 0) {
                throw new UnfitValueException("a time has more than " + digits + " digits behind the second");
            }
        }
        return micros;
    }

    /** The day, if it is the very beginning of one (in UTC). */
    static Integer day(long micros) {
        if (micros == Temporals.TIMESTAMP_INFINITY) {
            return Temporals.DATE_INFINITY;
        }
        if (micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            return Temporals.DATE_NEGATIVE_INFINITY;
        }
        if (Math.floorMod(micros, MICROS_PER_DAY) != 0) {
            throw new UnfitValueException("it has a time of day, which date would lose");
        }
        return (int) Math.floorDiv(micros, MICROS_PER_DAY);
    }

    /** Midnight of that day. */
    static Long beginning(int days) {
        if (days == Temporals.DATE_INFINITY) {
            return Temporals.TIMESTAMP_INFINITY;
        }
        if (days == Temporals.DATE_NEGATIVE_INFINITY) {
            return Temporals.TIMESTAMP_NEGATIVE_INFINITY;
        }
        try {
            return Math.multiplyExact(days, MICROS_PER_DAY);
        } catch (ArithmeticException e) {
            throw beyond();
        }
    }

    static String dateText(int days) {
        if (days == Temporals.DATE_INFINITY || days == Temporals.DATE_NEGATIVE_INFINITY) {
            return days > 0 ? "infinity" : "-infinity";
        }
        return LocalDate.ofEpochDay(days).toString();
    }

    static String timeText(long micros) {
        return micros == MICROS_PER_DAY
                ? "24:00:00"
                : LocalTime.ofNanoOfDay(micros * NANOS_PER_MICRO).format(DateTimeFormatter.ISO_LOCAL_TIME);
    }

    static String timestampText(long micros, boolean zone) {
        if (micros == Temporals.TIMESTAMP_INFINITY || micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            return micros > 0 ? "infinity" : "-infinity";
        }
        Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        return (zone ? ZONED_WRITTEN : LOCAL_WRITTEN).format(instant.atOffset(ZoneOffset.UTC));
    }

    private static UnfitValueException beyond() {
        return new UnfitValueException("a time lies beyond what PostgreSQL can hold");
    }
}

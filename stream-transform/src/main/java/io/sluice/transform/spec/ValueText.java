package io.sluice.transform.spec;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Temporals;
import io.sluice.schemas.model.Unchanged;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as a person reads them and a spec writes them. For output that the user asked for; never for a log. */
public final class ValueText {

    /** How a spec writes a value that the log left out. */
    public static final String UNCHANGED = "$unchanged";

    private static final String NULL = "null";
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private ValueText() {}

    /** On one line; text that could be taken for something else stands in quotes. */
    public static String of(LogicalType type, @Nullable Object value) {
        if (value == null) {
            return NULL;
        }
        if (value == Unchanged.UNCHANGED) {
            return UNCHANGED;
        }
        if (type instanceof Array array && value instanceof List<?> elements) {
            return elements.stream()
                    .map(element -> of(array.element(), element))
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        String plain = plain(type, value);
        boolean isText = value instanceof String && type != Simple.JSON && type != Simple.DOCUMENT;
        return isText && needsQuotes(plain) ? quoted(plain) : plain;
    }

    /** PostgreSQL's text form, without quotes. */
    public static String plain(LogicalType type, Object value) {
        if (value instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        if (value instanceof Bytes bytes) {
            return "\\x" + bytes;
        }
        if (type == Simple.DATE && value instanceof Integer days) {
            return date(days);
        }
        if (type == Simple.TIME && value instanceof Long micros) {
            return time(micros);
        }
        if (type == Simple.TIMESTAMP && value instanceof Long micros) {
            return timestamp(micros, "");
        }
        if (type == Simple.TIMESTAMPTZ && value instanceof Long micros) {
            return timestamp(micros, "+00");
        }
        return String.valueOf(value);
    }

    private static String date(int days) {
        if (days == Temporals.DATE_INFINITY || days == Temporals.DATE_NEGATIVE_INFINITY) {
            return days > 0 ? "infinity" : "-infinity";
        }
        LocalDate date = LocalDate.ofEpochDay(days);
        return day(date) + era(date);
    }

    private static String timestamp(long micros, String zone) {
        if (micros == Temporals.TIMESTAMP_INFINITY || micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            return micros > 0 ? "infinity" : "-infinity";
        }
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(micros, MICROS_PER_DAY));
        return day(date) + " " + time(Math.floorMod(micros, MICROS_PER_DAY)) + zone + era(date);
    }

    private static String day(LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        return String.format(Locale.ROOT, "%04d-%02d-%02d", year, date.getMonthValue(), date.getDayOfMonth());
    }

    private static String era(LocalDate date) {
        return date.getYear() > 0 ? "" : " BC";
    }

    private static String time(long micros) {
        if (micros == MICROS_PER_DAY) {
            return "24:00:00";
        }
        LocalTime time = LocalTime.ofNanoOfDay(micros * 1000);
        String seconds =
                String.format(Locale.ROOT, "%02d:%02d:%02d", time.getHour(), time.getMinute(), time.getSecond());
        String fraction =
                String.format(Locale.ROOT, ".%06d", micros % 1_000_000).replaceAll("\\.?0+$", "");
        return seconds + fraction;
    }

    private static boolean needsQuotes(String text) {
        return text.isEmpty()
                || text.equals(NULL)
                || text.startsWith("$")
                || text.startsWith("\"")
                || !text.strip().equals(text)
                || text.chars().anyMatch(Character::isISOControl);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '\r' -> quoted.append("\\r");
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                default -> {
                    if (Character.isISOControl(c)) {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
                    } else {
                        quoted.append((char) c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }
}

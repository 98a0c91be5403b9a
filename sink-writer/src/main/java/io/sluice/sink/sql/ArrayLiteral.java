package io.sluice.sink.sql;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Temporals;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arrays in PostgreSQL's text form, every element in quotes: so no element can be taken for structure or for NULL. */
final class ArrayLiteral {

    private static final long SECOND_MICROS = 1_000_000;
    private static final long DAY_MICROS = 86_400 * SECOND_MICROS;

    private final LogicalType element;
    private final char delimiter;

    ArrayLiteral(LogicalType element, char delimiter) {
        this.element = element;
        this.delimiter = delimiter;
    }

    String of(List<?> elements) {
        StringBuilder text = new StringBuilder(elements.size() * 8 + 2).append('{');
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                text.append(delimiter);
            }
            Object each = elements.get(i);
            if (each == null) {
                text.append("NULL");
            } else {
                quoted(text(element, each), text);
            }
        }
        return text.append('}').toString();
    }

    private static void quoted(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c);
        }
        text.append('"');
    }

    private static String text(LogicalType type, Object value) {
        if (type instanceof Simple simple) {
            return switch (simple) {
                case DATE -> date((Integer) value);
                case TIME -> time((Long) value);
                case TIMESTAMP -> timestamp((Long) value, "");
                case TIMESTAMPTZ -> timestamp((Long) value, "+00");
                case BYTES -> "\\x" + HexFormat.of().formatHex(((Bytes) value).unsafeArray());
                default -> value.toString();
            };
        }
        return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
    }

    private static String date(int days) {
        String endless = endless(days == Temporals.DATE_INFINITY, days == Temporals.DATE_NEGATIVE_INFINITY);
        if (endless != null) {
            return endless;
        }
        LocalDate date = LocalDate.ofEpochDay(days);
        return day(date) + era(date);
    }

    private static String time(long micros) {
        long seconds = micros / SECOND_MICROS;
        return "%02d:%02d:%02d.%06d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60, micros % SECOND_MICROS);
    }

    private static String timestamp(long micros, String zone) {
        String endless =
                endless(micros == Temporals.TIMESTAMP_INFINITY, micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY);
        if (endless != null) {
            return endless;
        }
        LocalDate date = LocalDateTime.ofEpochSecond(Math.floorDiv(micros, SECOND_MICROS), 0, ZoneOffset.UTC)
                .toLocalDate();
        return day(date) + " " + time(Math.floorMod(micros, DAY_MICROS)) + zone + era(date);
    }

    private static @Nullable String endless(boolean future, boolean past) {
        return future ? "infinity" : past ? "-infinity" : null;
    }

    /** PostgreSQL counts no year 0: the year before 1 is 1 BC. */
    private static String day(LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        return "%04d-%02d-%02d".formatted(year, date.getMonthValue(), date.getDayOfMonth());
    }

    private static String era(LocalDate date) {
        return date.getYear() > 0 ? "" : " BC";
    }
}

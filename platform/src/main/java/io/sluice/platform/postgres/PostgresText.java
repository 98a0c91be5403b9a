package io.sluice.platform.postgres;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Temporals;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Values in PostgreSQL's text form: what {@link RowTextDecoder} reads, the other way round. Not for arrays. */
public final class PostgresText {

    private static final long SECOND_MICROS = 1_000_000;
    private static final long DAY_MICROS = 86_400 * SECOND_MICROS;

    private PostgresText() {}

    /** The value, which is not null, as PostgreSQL reads it back. */
    public static String of(LogicalType type, Object value) {
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

package io.sluice.source.types;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Temporals;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Writes a carrier as PostgreSQL reads it, by means of the Java library: the way back of the decoder, not made from it. */
public final class PostgresText {

    private static final long MICROS = 1_000_000;

    private PostgresText() {}

    /** Never null: a null has no text. */
    public static String of(LogicalType type, Object carrier) {
        if (type instanceof Array array) {
            return ((List<?>) carrier)
                    .stream()
                            .map(each -> each == null ? "NULL" : quoted(of(array.element(), each)))
                            .collect(Collectors.joining(",", "{", "}"));
        }
        if (type == Simple.BYTES) {
            return "\\x" + HexFormat.of().formatHex(((Bytes) carrier).unsafeArray());
        }
        if (type == Simple.DATE) {
            int days = (Integer) carrier;
            return days == Temporals.DATE_INFINITY
                    ? "infinity"
                    : days == Temporals.DATE_NEGATIVE_INFINITY ? "-infinity" : date(LocalDate.ofEpochDay(days), "");
        }
        if (type == Simple.TIME) {
            return time((Long) carrier);
        }
        if (type == Simple.TIMESTAMP || type == Simple.TIMESTAMPTZ) {
            return timestamp((Long) carrier, type == Simple.TIMESTAMPTZ ? "+00" : "");
        }
        return carrier instanceof BigDecimal decimal ? decimal.toPlainString() : carrier.toString();
    }

    private static String quoted(String element) {
        return '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String date(LocalDate date, String time) {
        int year = date.getYear();
        return String.format(
                "%04d-%02d-%02d%s%s",
                year > 0 ? year : 1 - year, date.getMonthValue(), date.getDayOfMonth(), time, year > 0 ? "" : " BC");
    }

    private static String time(long micros) {
        long seconds = micros / MICROS;
        return String.format("%02d:%02d:%02d.%06d", seconds / 3600, seconds / 60 % 60, seconds % 60, micros % MICROS);
    }

    private static String timestamp(long micros, String zone) {
        if (micros == Temporals.TIMESTAMP_INFINITY || micros == Temporals.TIMESTAMP_NEGATIVE_INFINITY) {
            return micros > 0 ? "infinity" : "-infinity";
        }
        LocalDateTime at = LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, MICROS), Math.floorMod(micros, (int) MICROS) * 1000, ZoneOffset.UTC);
        return date(at.toLocalDate(), " " + time(at.toLocalTime().toNanoOfDay() / 1000) + zone);
    }
}

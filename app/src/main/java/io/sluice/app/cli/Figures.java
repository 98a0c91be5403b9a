package io.sluice.app.cli;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
final class Figures {

    private static final double MILLIS_PER_SECOND = 1e3;
    private static final long MILLIS_PER_MINUTE = 60_000;
    private static final int KIB = 1024;
    private static final String UNITS = "KMGT";

    private Figures() {}

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** How long something took or lags; never 0 where it is not. */
    static String seconds(long millis) {
        if (millis == 0) {
            return "0 s";
        }
        return millis < MILLIS_PER_MINUTE
                ? String.format(Locale.ROOT, "%.1f s", Math.max(0.1, millis / MILLIS_PER_SECOND))
                : time(Duration.ofMillis(millis));
    }

    static String bytes(long bytes) {
        if (bytes < KIB) {
            return bytes + " B";
        }
        int exponent = Math.min(UNITS.length(), (Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes)) / 10);
        return String.format(Locale.ROOT, "%.1f %siB", bytes / Math.pow(KIB, exponent), UNITS.charAt(exponent - 1));
    }

    static String time(Duration left) {
        if (left.toDays() > 1) {
            return left.toDays() + " days";
        }
        if (left.toHours() > 0) {
            return left.toHours() + " h " + left.toMinutesPart() + " min";
        }
        return left.toMinutes() > 0
                ? left.toMinutes() + " min " + left.toSecondsPart() + " s"
                : left.toSeconds() + " s";
    }
}

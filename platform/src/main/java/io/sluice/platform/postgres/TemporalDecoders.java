package io.sluice.platform.postgres;

import io.sluice.schemas.model.Temporals;

/** Dates and times in the ISO style, years before Christ and beyond 9999 and the ends of time included. */
final class TemporalDecoders {

    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long SECONDS_PER_DAY = 86_400L;
    private static final int MICRO_DIGITS = 6;

    private TemporalDecoders() {}

    static Object date(byte[] text, int from, int length) {
        if (isInfinity(text, from)) {
            return text[from] == '-' ? Temporals.DATE_NEGATIVE_INFINITY : Temporals.DATE_INFINITY;
        }
        Scanner in = new Scanner(text, from, length);
        long days = in.days(in.beforeChrist());
        in.finish();
        return Math.toIntExact(days);
    }

    static Object time(byte[] text, int from, int length) {
        Scanner in = new Scanner(text, from, length);
        long micros = in.timeOfDay();
        in.finish();
        return micros;
    }

    /** With or without an offset from UTC; without one it is taken for UTC, as the carrier of a zoneless time wants. */
    static Object timestamp(byte[] text, int from, int length) {
        if (isInfinity(text, from)) {
            return text[from] == '-' ? Temporals.TIMESTAMP_NEGATIVE_INFINITY : Temporals.TIMESTAMP_INFINITY;
        }
        Scanner in = new Scanner(text, from, length);
        long days = in.days(in.beforeChrist());
        in.expect(' ');
        long micros = in.timeOfDay();
        long offsetSeconds = in.offset();
        in.finish();
        try {
            // The whole seconds of the last centuries that PostgreSQL knows do not fit as microseconds since 1970.
            long seconds = Math.multiplyExact(days, SECONDS_PER_DAY) - offsetSeconds;
            long sum = Math.addExact(Math.multiplyExact(seconds, MICROS_PER_SECOND), micros);
            if (sum == Temporals.TIMESTAMP_INFINITY) {
                throw beyond();
            }
            return sum;
        } catch (ArithmeticException e) {
            throw beyond();
        }
    }

    private static UnfitTextException beyond() {
        return new UnfitTextException(
                "it lies beyond what microseconds since 1970 can tell, which end in the year 294247");
    }

    private static boolean isInfinity(byte[] text, int from) {
        return text[from] == 'i' || text[from] == '-';
    }

    /** Walks over one value. */
    private static final class Scanner {

        private final byte[] text;
        private int at;
        private int end;

        Scanner(byte[] text, int from, int length) {
            this.text = text;
            this.at = from;
            this.end = from + length;
        }

        /** Whether " BC" stands at the end, which it cuts off. */
        boolean beforeChrist() {
            if (end - at > 3 && text[end - 1] == 'C' && text[end - 2] == 'B' && text[end - 3] == ' ') {
                end -= 3;
                return true;
            }
            return false;
        }

        long days(boolean beforeChrist) {
            int year = number();
            expect('-');
            int month = number();
            expect('-');
            int day = number();
            return epochDay(beforeChrist ? 1L - year : year, month, day);
        }

        long timeOfDay() {
            long seconds = number() * 3600L;
            expect(':');
            seconds += number() * 60L;
            expect(':');
            seconds += number();
            long micros = 0;
            if (at < end && text[at] == '.') {
                at++;
                int digits = 0;
                while (at < end && text[at] >= '0' && text[at] <= '9') {
                    micros = micros * 10 + (text[at++] - '0');
                    digits++;
                }
                for (; digits < MICRO_DIGITS; digits++) {
                    micros *= 10;
                }
            }
            return seconds * MICROS_PER_SECOND + micros;
        }

        long offset() {
            if (at >= end || (text[at] != '+' && text[at] != '-')) {
                return 0;
            }
            boolean west = text[at++] == '-';
            long seconds = number() * 3600L;
            if (at < end && text[at] == ':') {
                at++;
                seconds += number() * 60L;
            }
            if (at < end && text[at] == ':') {
                at++;
                seconds += number();
            }
            return west ? -seconds : seconds;
        }

        int number() {
            int value = 0;
            int start = at;
            while (at < end && text[at] >= '0' && text[at] <= '9') {
                value = value * 10 + (text[at++] - '0');
            }
            if (at == start) {
                throw TextDecoders.misspelt();
            }
            return value;
        }

        void expect(char c) {
            if (at >= end || text[at++] != c) {
                throw TextDecoders.misspelt();
            }
        }

        void finish() {
            if (at != end) {
                throw TextDecoders.misspelt();
            }
        }
    }

    /** Days since 1970-01-01 in the proleptic Gregorian calendar; the year before 1 is 0. */
    private static long epochDay(long year, int month, int day) {
        long shifted = month <= 2 ? year - 1 : year;
        long era = Math.floorDiv(shifted, 400L);
        long yearOfEra = shifted - era * 400;
        long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - 719_468;
    }
}

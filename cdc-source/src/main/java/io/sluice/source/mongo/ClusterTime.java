package io.sluice.source.mongo;

import java.util.OptionalLong;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;

/** Cluster times as unsigned numbers: seconds in the upper half, a counter in the lower. */
final class ClusterTime {

    private static final String TOKEN = "_data";
    /** How a token begins whose first part is a time: 82 and the time in 16 hexadecimal digits. */
    private static final String TIME_MARK = "82";

    private static final int TIME_DIGITS = 16;
    private static final int RADIX = 16;

    private ClusterTime() {}

    static long of(BsonTimestamp time) {
        return time.getValue();
    }

    static BsonTimestamp timestamp(long time) {
        return new BsonTimestamp(time);
    }

    static long seconds(long time) {
        return time >>> 32;
    }

    static long micros(long time) {
        return seconds(time) * 1_000_000;
    }

    static long later(long one, long other) {
        return Long.compareUnsigned(one, other) >= 0 ? one : other;
    }

    static boolean isAfter(long time, long other) {
        return Long.compareUnsigned(time, other) > 0;
    }

    static String text(long time) {
        return seconds(time) + "." + Integer.toUnsignedString((int) time);
    }

    /** The time at which a token stands. Every version since 4.2 begins its tokens with it. */
    static OptionalLong ofToken(BsonDocument token) {
        String data = token.isString(TOKEN) ? token.getString(TOKEN).getValue() : "";
        int end = TIME_MARK.length() + TIME_DIGITS;
        if (!data.startsWith(TIME_MARK) || data.length() < end) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseUnsignedLong(data, TIME_MARK.length(), end, RADIX));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}

package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A position in the history as clients keep it: {@code 82}, the cluster time in 16 hexadecimal digits, and a suffix that says
 * what stood there. Like a mongod's tokens, these order as text.
 *
 * @param fragment for {@link Kind#FRAGMENT} the number of the fragment, from 1; else 0
 */
record ResumeToken(long time, Kind kind, int fragment) {

    private static final Pattern FORM = Pattern.compile("82([0-9A-F]{16})([0-9A-F]{2})([0-9A-F]{4})?");

    enum Kind {
        /** Everything before the time has been seen; whoever goes on from here sees again what stands at it. */
        HIGH_WATER("00"),
        /** The event at the time has been seen. */
        EVENT("01"),
        /** This fragment of the event at the time has been seen. */
        FRAGMENT("02"),
        /** The event at the time, and that it ended the stream, have been seen. */
        INVALIDATE("03");

        private final String suffix;

        Kind(String suffix) {
            this.suffix = suffix;
        }
    }

    static ResumeToken highWater(long time) {
        return new ResumeToken(time, Kind.HIGH_WATER, 0);
    }

    static ResumeToken event(long time) {
        return new ResumeToken(time, Kind.EVENT, 0);
    }

    static ResumeToken fragment(long time, int fragment) {
        return new ResumeToken(time, Kind.FRAGMENT, fragment);
    }

    static ResumeToken invalidate(long time) {
        return new ResumeToken(time, Kind.INVALIDATE, 0);
    }

    Document toDocument() {
        String data = String.format(Locale.ROOT, "82%016X%s", time, kind.suffix);
        return new Document(
                "_data", kind == Kind.FRAGMENT ? data + String.format(Locale.ROOT, "%04X", fragment) : data);
    }

    static ResumeToken parse(@Nullable Object token) {
        if (token instanceof Document document && document.get("_data") instanceof String data) {
            Matcher matcher = FORM.matcher(data);
            if (matcher.matches()) {
                for (Kind kind : Kind.values()) {
                    String fragment = matcher.group(3);
                    if (kind.suffix.equals(matcher.group(2)) && (fragment != null) == (kind == Kind.FRAGMENT)) {
                        long time = Long.parseUnsignedLong(matcher.group(1), 16);
                        return new ResumeToken(time, kind, fragment == null ? 0 : Integer.parseInt(fragment, 16));
                    }
                }
            }
        }
        throw new MongoServerError(260, "InvalidResumeToken", "The resume token is not one of this replica set's.");
    }
}

package io.sluice.source.mongo;

import io.sluice.platform.error.HaltException;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** Puts an event together that the server had to send in parts. Bounded: three documents and some words fit, no more. */
final class EventFragments {

    private static final int MOST_FRAGMENTS = 64;
    private static final long MOST_BYTES = 64L * 1024 * 1024;
    private static final String SPLIT = "splitEvent";

    private final String place;
    private @Nullable BsonDocument whole;
    private int seen;
    private long bytes;

    EventFragments(String place) {
        this.place = place;
    }

    /** The event that this document is, or completes; null while parts are missing. */
    @Nullable
    BsonDocument add(RawBsonDocument document) {
        if (!document.containsKey(SPLIT)) {
            if (whole != null) {
                throw new IllegalStateException("an event's parts end before the last");
            }
            return document;
        }
        BsonDocument split = document.getDocument(SPLIT);
        int number = split.getNumber("fragment").intValue();
        int of = split.getNumber("of").intValue();
        bytes += document.getByteBuffer().remaining();
        if (of > MOST_FRAGMENTS || bytes > MOST_BYTES) {
            throw new HaltException(
                    "EVENT_TOO_LARGE",
                    "a change event is larger than a document and its images can be",
                    place,
                    "Please report this: the server sends what it should not.");
        }
        if (number != seen + 1) {
            throw new IllegalStateException("part " + number + " of an event after part " + seen);
        }
        BsonDocument event = whole == null ? new BsonDocument() : whole;
        // One by one: taken together, the documents in it would be decoded, and lose their own bytes.
        document.keySet().forEach(field -> event.put(field, document.get(field)));
        event.remove(SPLIT);
        whole = event;
        seen = number;
        if (number < of) {
            return null;
        }
        clear();
        return event;
    }

    boolean isEmpty() {
        return whole == null;
    }

    void clear() {
        whole = null;
        seen = 0;
        bytes = 0;
    }
}

package io.sluice.source.mongo;

import io.sluice.schemas.model.TableId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.bson.BsonValue;

/**
 * Decides, for a run of events, which can be published as they are and which documents have to be read first. A document is read
 * where its event does not tell it, and where something of its collection was read as of a later time than the event's: what was
 * published may be newer than the event.
 *
 * <p>Such a document is read as of the run's end or later, so what it has become stands for all that happened to it in the run
 * from there on, and is published in the place of the last of these.
 */
final class ReadingPlan {

    /** What becomes of an event. */
    enum Fate {
        /** It is published as it is. */
        AS_TOLD,
        /** The document, as it was read, is published in its place. */
        AS_READ,
        /** The document as it was read stands for it, further on. */
        COVERED
    }

    private record Reference(TableId table, String key) {}

    private static final class Span {
        private final int first;
        private int last;

        Span(int first) {
            this.first = first;
            this.last = first;
        }
    }

    private final List<StreamEvent.Changed> events;
    private final Map<Reference, Span> spans = new HashMap<>();
    private final Map<TableId, Map<String, BsonValue>> toRead = new LinkedHashMap<>();

    /** @param horizons the cluster time as of which something of a collection was read */
    ReadingPlan(List<StreamEvent.Changed> events, ToLongFunction<TableId> horizons) {
        this.events = events;
        for (int i = 0; i < events.size(); i++) {
            StreamEvent.Changed event = events.get(i);
            Reference reference = new Reference(event.table(), event.key());
            Span span = spans.get(reference);
            if (span != null) {
                span.last = i;
            } else if (event.lacksDocument()
                    || !ClusterTime.isAfter(event.time(), horizons.applyAsLong(event.table()))) {
                spans.put(reference, new Span(i));
                toRead.computeIfAbsent(event.table(), table -> new LinkedHashMap<>())
                        .put(event.key(), event.id());
            }
        }
    }

    /** The ids of the documents to read, by their key. */
    Map<TableId, Map<String, BsonValue>> toRead() {
        return toRead;
    }

    Fate fate(int index) {
        StreamEvent.Changed event = events.get(index);
        Span span = spans.get(new Reference(event.table(), event.key()));
        if (span == null || index < span.first) {
            return Fate.AS_TOLD;
        }
        return index == span.last ? Fate.AS_READ : Fate.COVERED;
    }
}

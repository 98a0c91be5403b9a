package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the history: what happened at one cluster time.
 *
 * @param key the document's key; null for what happened to a collection or database
 * @param update which fields an update set and removed; null for every other kind
 * @param after the document after the change, where it belongs to the change or images are kept
 * @param before the document before the change, where images are kept
 */
record Change(
        long time,
        Instant wallTime,
        Kind kind,
        Namespace namespace,
        @Nullable Namespace renamedTo,
        @Nullable Document key,
        @Nullable Document update,
        @Nullable Document after,
        @Nullable Document before) {

    enum Kind {
        INSERT("insert"),
        UPDATE("update"),
        REPLACE("replace"),
        DELETE("delete"),
        DROP("drop"),
        RENAME("rename"),
        DROP_DATABASE("dropDatabase");

        final String operationType;

        Kind(String operationType) {
            this.operationType = operationType;
        }
    }

    /** A header followed by those of update, after and before that are there: each may be as large as a document may be. */
    byte[] encode() {
        Document header =
                new Document("wall", wallTime).append("kind", kind.name()).append("ns", namespace.full());
        List<Document> parts = new ArrayList<>();
        parts.add(header);
        if (renamedTo != null) {
            header.append("to", renamedTo.full());
        }
        if (key != null) {
            header.append("key", key);
        }
        addPart("update", update, header, parts);
        addPart("after", after, header, parts);
        addPart("before", before, header, parts);
        return Bson.encode(parts.toArray(Document[]::new));
    }

    static Change decode(long time, byte[] bytes) {
        List<Document> parts = Bson.decodeAll(bytes);
        Document header = parts.get(0);
        String to = (String) header.get("to");
        return new Change(
                time,
                Bson.required(header, "wall", Instant.class),
                Kind.valueOf(Bson.required(header, "kind", String.class)),
                Namespace.parse(Bson.required(header, "ns", String.class)),
                to == null ? null : Namespace.parse(to),
                (Document) header.get("key"),
                part("update", header, parts),
                part("after", header, parts),
                part("before", header, parts));
    }

    private static void addPart(String name, @Nullable Document part, Document header, List<Document> parts) {
        if (part != null) {
            header.append(name, parts.size());
            parts.add(part);
        }
    }

    private static @Nullable Document part(String name, Document header, List<Document> parts) {
        Integer index = (Integer) header.get(name);
        return index == null ? null : parts.get(index);
    }
}

package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What documents were before their last changes, so that a collection can be read as it was at a cluster time; a mongod keeps as
 * much for some minutes. Bounded; guarded by the lock of {@link Commands}.
 */
final class Past {

    private static final int MOST_CHANGES = 50_000;
    private static final long MOST_BYTES = 64L * 1024 * 1024;

    private static final class Undo {
        private final long time;
        private final Namespace namespace;
        private final Document key;
        private final byte @Nullable [] before;

        Undo(long time, Namespace namespace, Document key, byte @Nullable [] before) {
            this.time = time;
            this.namespace = namespace;
            this.key = key;
            this.before = before;
        }

        long size() {
            return before == null ? 0 : before.length;
        }

        Document before() {
            return before == null ? new Document() : Bson.decode(before);
        }
    }

    private final Deque<Undo> undos = new ArrayDeque<>();
    /** From when on a collection is what it is now: before, another bore its name. */
    private final Map<Namespace, Long> beginnings = new HashMap<>();

    private long forgotten;
    private long bytes;

    /** @param startedAt nothing is known of the time before */
    Past(long startedAt) {
        this.forgotten = startedAt;
    }

    /** @param before null if the document did not exist */
    void changed(long time, Namespace namespace, Document key, @Nullable Document before) {
        Undo undo = new Undo(time, namespace, key.cloneDeeply(), before == null ? null : Bson.encode(before));
        undos.add(undo);
        bytes += undo.size();
        while (undos.size() > MOST_CHANGES || bytes > MOST_BYTES) {
            Undo oldest = undos.remove();
            bytes -= oldest.size();
            forgotten = oldest.time;
        }
    }

    void begun(long time, Namespace namespace) {
        beginnings.put(namespace, time);
    }

    /** Whether the collection can be read as it was then. */
    boolean reaches(long time, Namespace namespace) {
        return time >= forgotten && time >= beginnings.getOrDefault(namespace, 0L);
    }

    /** By key, what was changed after that time, as it was then; an empty document where there was none. */
    Map<Document, Document> since(long time, Namespace namespace) {
        Map<Document, Document> changed = new LinkedHashMap<>();
        for (Undo undo : undos) {
            if (undo.time > time && undo.namespace.equals(namespace)) {
                changed.computeIfAbsent(undo.key, key -> undo.before());
            }
        }
        return changed;
    }
}

package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what happens to collections: into the history, for change streams, and into the data file. Guarded by the lock
 * of {@link Commands}.
 */
final class Journal {

    /** The collection option that keeps images of a document before and after each change. */
    static final String IMAGES = "changeStreamPreAndPostImages";

    private final History history;
    private final DataFile file;
    private final Clock clock;
    /** What {@code create} and {@code collMod} were told, by collection. */
    private final Map<Namespace, Document> options = new HashMap<>();

    private final Past past;

    Journal(History history, DataFile file, Clock clock) {
        this.history = history;
        this.file = file;
        this.clock = clock;
        this.past = new Past(history.last());
    }

    void created(Namespace namespace) {
        described(namespace, new Document(), List.of());
    }

    void inserted(Namespace namespace, Document document) {
        file.put(namespace, document);
        long time = add(Change.Kind.INSERT, namespace, null, key(document), null, document, null);
        past.changed(time, namespace, key(document), null);
    }

    void updated(Namespace namespace, Document before, Document after) {
        file.put(namespace, after);
        boolean images = keepsImages(namespace);
        Document update = UpdateDiff.describe(before, after);
        long time = add(
                Change.Kind.UPDATE, namespace, null, key(after), update, images ? after : null, images ? before : null);
        past.changed(time, namespace, key(before), before);
    }

    void replaced(Namespace namespace, Document before, Document after) {
        file.put(namespace, after);
        boolean images = keepsImages(namespace);
        long time = add(Change.Kind.REPLACE, namespace, null, key(after), null, after, images ? before : null);
        past.changed(time, namespace, key(before), before);
    }

    void deleted(Namespace namespace, Document before) {
        file.remove(namespace, before);
        boolean images = keepsImages(namespace);
        long time = add(Change.Kind.DELETE, namespace, null, key(before), null, null, images ? before : null);
        past.changed(time, namespace, key(before), before);
    }

    void dropped(Namespace namespace) {
        file.drop(namespace);
        options.remove(namespace);
        past.begun(add(Change.Kind.DROP, namespace, null, null, null, null, null), namespace);
    }

    /** A collection that stood at the new name is gone without an event of its own, as in a mongod. */
    void renamed(Namespace from, Namespace to) {
        file.drop(to);
        file.rename(from, to);
        Document described = options.remove(from);
        if (described != null) {
            options.put(to, described);
        }
        long time = add(Change.Kind.RENAME, from, to, null, null, null, null);
        past.begun(time, from);
        past.begun(time, to);
    }

    void databaseDropped(String database) {
        long unused = add(Change.Kind.DROP_DATABASE, new Namespace(database, ""), null, null, null, null, null);
    }

    void described(Namespace namespace, Document collectionOptions, List<Document> indexes) {
        options.put(namespace, collectionOptions);
        file.describe(namespace, new Document("options", collectionOptions).append("indexes", indexes));
    }

    Document options(Namespace namespace) {
        return options.getOrDefault(namespace, new Document());
    }

    Past past() {
        return past;
    }

    void commit() {
        file.commit();
    }

    private boolean keepsImages(Namespace namespace) {
        return options(namespace).get(IMAGES) instanceof Document images && Boolean.TRUE.equals(images.get("enabled"));
    }

    private static Document key(Document document) {
        return new Document("_id", document.get("_id"));
    }

    private long add(
            Change.Kind kind,
            Namespace namespace,
            @Nullable Namespace to,
            @Nullable Document key,
            @Nullable Document update,
            @Nullable Document after,
            @Nullable Document before) {
        long time = history.tick();
        if (!namespace.isInternal()) {
            Instant wallTime = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            history.add(new Change(time, wallTime, kind, namespace, to, key, update, after, before));
        }
        return time;
    }
}

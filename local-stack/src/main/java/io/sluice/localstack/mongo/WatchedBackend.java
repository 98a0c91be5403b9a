package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.NoopOplog;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The library's documents, queries and updates, with collections that write each change down. */
final class WatchedBackend extends MemoryBackend {

    private static final String NAMESPACES = "system.namespaces";
    private final Journal journal;

    WatchedBackend(Journal journal, Clock clock) {
        super(clock);
        this.journal = journal;
    }

    @Override
    public MemoryDatabase openOrCreateDatabase(String databaseName) {
        return new WatchedDatabase(databaseName, getCursorRegistry());
    }

    CursorRegistry cursors() {
        return getCursorRegistry();
    }

    Set<String> databaseNames() {
        return Set.copyOf(listDatabaseNames());
    }

    List<Namespace> collections(String database) {
        return resolveDatabase(database)
                .resolveCollection(NAMESPACES, true)
                .queryAllAsStream()
                .map(document -> Namespace.parse(Bson.required(document, "name", String.class)))
                .toList();
    }

    @Nullable
    MongoCollection<?> collection(Namespace namespace) {
        return resolveDatabase(namespace.database()).resolveCollection(namespace.collection(), false);
    }

    /** The document with this key as it is now, or null. */
    @Nullable
    Document find(Namespace namespace, Document key) {
        MongoCollection<?> collection = collection(namespace);
        if (collection != null) {
            for (Document document : collection.handleQuery(new Document("_id", new Document("$eq", key.get("_id"))))) {
                return document.cloneDeeply();
            }
        }
        return null;
    }

    void drop(Namespace namespace) {
        resolveDatabase(namespace.database()).dropCollection(namespace.collection(), NoopOplog.get());
    }

    void move(MongoCollection<?> collection, Namespace to) {
        resolveDatabase(to.database()).moveCollection(collection.getDatabase(), collection, to.collection());
    }

    /** The collection's indexes apart from that of the key, which each collection has. */
    List<Document> indexes(Namespace namespace) {
        MongoCollection<?> indexes = resolveDatabase(namespace.database()).resolveCollection("system.indexes", false);
        return indexes == null
                ? List.of()
                : indexes.handleQueryAsStream(new Document("ns", namespace.full()))
                        .filter(index -> !"_id_".equals(index.get("name")))
                        .map(Document::cloneDeeply)
                        .toList();
    }

    /** Puts back a collection with its indexes and documents, which is no change. */
    void restore(Namespace namespace, List<Document> indexes, List<Document> documents) {
        WatchedDatabase database = (WatchedDatabase) resolveDatabase(namespace.database());
        database.restore(namespace.collection(), indexes, documents);
    }

    private final class WatchedDatabase extends MemoryDatabase {

        WatchedDatabase(String name, CursorRegistry cursors) {
            super(name, cursors);
        }

        // Runs in the constructor above this one for the system collections, before a field of this class is set.
        @Override
        protected MemoryCollection openOrCreateCollection(String collectionName, CollectionOptions options) {
            if (collectionName.startsWith("system.")) {
                return super.openOrCreateCollection(collectionName, options);
            }
            journal.created(new Namespace(databaseName, collectionName));
            return new WatchedCollection(this, collectionName, options, cursorRegistry, journal);
        }

        void restore(String collectionName, List<Document> indexes, List<Document> documents) {
            WatchedCollection collection = (WatchedCollection)
                    createCollectionOrThrowIfExists(collectionName, CollectionOptions.withDefaults());
            indexes.forEach(index -> addIndex(index.append("ns", collection.getFullName())));
            documents.forEach(collection::restore);
        }
    }
}

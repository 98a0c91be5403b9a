package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.ArrayFilters;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;

/**
 * A collection that writes down each change with its exact images, whatever command made it: the library tells its own oplog
 * nothing of {@code findAndModify}, and of an insert also what failed.
 */
final class WatchedCollection extends MemoryCollection {

    private final Journal journal;
    private boolean replacing;

    WatchedCollection(
            MongoDatabase database, String name, CollectionOptions options, CursorRegistry cursors, Journal journal) {
        super(database, name, options, cursors);
        this.journal = journal;
    }

    private Namespace namespace() {
        return new Namespace(getDatabaseName(), getCollectionName());
    }

    void restore(Document document) {
        super.addDocument(document);
    }

    @Override
    public synchronized void addDocument(Document document) {
        super.addDocument(document);
        journal.inserted(namespace(), document);
    }

    @Override
    public synchronized void removeDocument(Document document) {
        super.removeDocument(document);
        journal.deleted(namespace(), document);
    }

    @Override
    public synchronized Document updateDocuments(
            Document selector,
            Document update,
            ArrayFilters arrayFilters,
            boolean isMulti,
            boolean isUpsert,
            Oplog oplog) {
        replacing = isReplacement(update);
        return super.updateDocuments(selector, update, arrayFilters, isMulti, isUpsert, oplog);
    }

    @Override
    public synchronized Document findAndModify(Document query) {
        replacing = query.get("update") instanceof Document update && isReplacement(update);
        return super.findAndModify(query);
    }

    @Override
    protected void handleUpdate(Integer position, Document oldDocument, Document newDocument) {
        super.handleUpdate(position, oldDocument, newDocument);
        if (Bson.size(newDocument) > Bson.MAX_BYTES) {
            newDocument.clear();
            oldDocument.cloneInto(newDocument);
            throw new MongoServerError(
                    17419, "BSONObjectTooLarge", "Resulting document after update is larger than " + Bson.MAX_BYTES);
        }
        if (replacing) {
            journal.replaced(namespace(), oldDocument, newDocument);
        } else {
            journal.updated(namespace(), oldDocument, newDocument);
        }
    }

    private static boolean isReplacement(Document update) {
        return update.keySet().stream().noneMatch(key -> key.startsWith("$"));
    }
}

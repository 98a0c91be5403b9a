package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.DataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * What survives a restart: documents, the catalog of collections, the history and the cluster time, in one file whose commits
 * are atomic. A change and its place in the history can't be parted by a kill. Without a folder the history alone is kept, in
 * memory.
 */
final class DataFile implements AutoCloseable {

    private static final String DOCUMENTS = "documents.";
    private static final int COMMITS_BETWEEN_COMPACTIONS = 2_000;
    private static final int COMPACTION_FILL_PERCENT = 60;
    private static final int COMPACTION_BYTES = 8 * 1024 * 1024;
    private static final int CLOSE_COMPACTION_MILLIS = 200;
    /** Long enough that the file system has written a chunk before the space of what it replaced is used again. */
    private static final int RETENTION_MILLIS = 5_000;

    private final MVStore store;
    private final boolean durable;
    private final MVMap<String, byte[]> catalog;
    private final Map<Namespace, MVMap<byte[], byte[]>> collections = new HashMap<>();
    private int commits;

    private DataFile(MVStore store, boolean durable) {
        this.store = store;
        this.durable = durable;
        this.catalog = store.openMap("catalog", strings(ByteArrayDataType.INSTANCE));
    }

    /** The folder must exist and be locked by the caller. */
    static DataFile open(@Nullable Path folder) {
        // Committed only by us, under the lock of the commands: a background commit could split a change from its
        // history.
        MVStore.Builder builder = new MVStore.Builder().autoCommitDisabled();
        if (folder == null) {
            return new DataFile(builder.open(), false);
        }
        MVStore store = builder.fileName(folder.resolve("mongo.mv").toString()).open();
        store.setRetentionTime(RETENTION_MILLIS);
        return new DataFile(store, true);
    }

    MVMap<Long, byte[]> changes() {
        return store.openMap(
                "changes",
                new MVMap.Builder<Long, byte[]>().keyType(LongDataType.INSTANCE).valueType(ByteArrayDataType.INSTANCE));
    }

    MVMap<String, Long> marks() {
        return store.openMap("marks", strings(LongDataType.INSTANCE));
    }

    void put(Namespace namespace, Document document) {
        if (durable) {
            documents(namespace).put(key(document), Bson.encode(document));
        }
    }

    void remove(Namespace namespace, Document document) {
        if (durable) {
            documents(namespace).remove(key(document));
        }
    }

    /** Keeps what {@code create} and {@code createIndexes} have to be told to have this collection again. */
    void describe(Namespace namespace, Document description) {
        catalog.put(namespace.full(), Bson.encode(description));
    }

    void drop(Namespace namespace) {
        catalog.remove(namespace.full());
        if (durable) {
            store.removeMap(documents(namespace));
            collections.remove(namespace);
        }
    }

    void rename(Namespace from, Namespace to) {
        byte[] description = catalog.remove(from.full());
        if (description != null) {
            catalog.put(to.full(), description);
        }
        if (durable) {
            store.renameMap(documents(from), DOCUMENTS + to.full());
            collections.remove(from);
        }
    }

    void eachCollection(BiConsumer<Namespace, Document> reader) {
        Map.copyOf(catalog)
                .forEach((full, description) -> reader.accept(Namespace.parse(full), Bson.decode(description)));
    }

    List<Document> read(Namespace namespace) {
        return documents(namespace).values().stream().map(Bson::decode).toList();
    }

    void commit() {
        if (durable && store.hasUnsavedChanges()) {
            store.commit();
            if (++commits % COMMITS_BETWEEN_COMPACTIONS == 0) {
                store.compact(COMPACTION_FILL_PERCENT, COMPACTION_BYTES);
            }
        }
    }

    @Override
    public void close() {
        if (!store.isClosed()) {
            store.close(CLOSE_COMPACTION_MILLIS);
        }
    }

    private MVMap<byte[], byte[]> documents(Namespace namespace) {
        return collections.computeIfAbsent(
                namespace,
                name -> store.openMap(
                        DOCUMENTS + name.full(),
                        new MVMap.Builder<byte[], byte[]>()
                                .keyType(ByteArrayDataType.INSTANCE)
                                .valueType(ByteArrayDataType.INSTANCE)));
    }

    private static byte[] key(Document document) {
        return Bson.encode(new Document("", document.get("_id")));
    }

    private static <V> MVMap.Builder<String, V> strings(DataType<V> valueType) {
        return new MVMap.Builder<String, V>().keyType(StringDataType.INSTANCE).valueType(valueType);
    }
}

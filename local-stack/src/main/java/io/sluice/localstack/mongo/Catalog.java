package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.DefaultQueryMatcher;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Commands that make, change, list and remove collections and databases, written down in the journal. Guarded by the lock of
 * {@link Commands}.
 */
final class Catalog {

    /** What every command carries; the rest of a {@code create} are options of the collection. */
    private static final Set<String> ENVELOPE = Set.of(
            "create",
            "collMod",
            "$db",
            "lsid",
            "$clusterTime",
            "$readPreference",
            "writeConcern",
            "comment",
            "apiVersion");

    private final WatchedBackend backend;
    private final Journal journal;

    Catalog(WatchedBackend backend, Journal journal) {
        this.backend = backend;
        this.journal = journal;
    }

    Document create(Channel channel, String database, Document command) {
        Document reply = backend.handleCommand(channel, database, "create", command);
        describe(new Namespace(database, Bson.required(command, "create", String.class)), command);
        return reply;
    }

    Document collMod(String database, Document command) {
        Namespace namespace = new Namespace(database, Bson.required(command, "collMod", String.class));
        existing(namespace);
        describe(namespace, command);
        return ok();
    }

    private void describe(Namespace namespace, Document command) {
        Document options = journal.options(namespace).clone();
        command.forEach((name, value) -> {
            if (!ENVELOPE.contains(name)) {
                options.put(name, value);
            }
        });
        describeWith(namespace, options);
    }

    /** To be called when the indexes of a collection may have changed. */
    void describeIndexes(Namespace namespace) {
        describeWith(namespace, journal.options(namespace));
    }

    private void describeWith(Namespace namespace, Document options) {
        journal.described(namespace, options, backend.indexes(namespace));
    }

    Document drop(String database, Document command) {
        Namespace namespace = new Namespace(database, Bson.required(command, "drop", String.class));
        MongoCollection<?> collection = backend.collection(namespace);
        if (collection == null) {
            // A mongod of version 7 takes this as done.
            return ok();
        }
        int indexes = collection.getNumIndexes();
        backend.drop(namespace);
        journal.dropped(namespace);
        return new Document("nIndexesWas", indexes)
                .append("ns", namespace.full())
                .append("ok", 1.0);
    }

    Document dropDatabase(String database) {
        List<Namespace> collections = backend.collections(database);
        for (Namespace namespace : collections) {
            backend.drop(namespace);
            journal.dropped(namespace);
        }
        if (!collections.isEmpty()) {
            journal.databaseDropped(database);
        }
        return new Document("dropped", database).append("ok", 1.0);
    }

    Document rename(Document command) {
        Namespace from = Namespace.parse(Bson.required(command, "renameCollection", String.class));
        Namespace to = Namespace.parse(Bson.required(command, "to", String.class));
        MongoCollection<?> collection = existing(from);
        if (from.equals(to)) {
            throw new MongoServerError(20, "IllegalOperation", "Can't rename a collection to itself");
        }
        if (backend.collection(to) != null) {
            if (!Boolean.TRUE.equals(command.get("dropTarget"))) {
                throw new MongoServerError(48, "NamespaceExists", "target namespace exists");
            }
            backend.drop(to);
        }
        backend.move(collection, to);
        journal.renamed(from, to);
        return ok();
    }

    private MongoCollection<?> existing(Namespace namespace) {
        MongoCollection<?> collection = backend.collection(namespace);
        if (collection == null) {
            throw new MongoServerError(26, "NamespaceNotFound", "ns does not exist: " + namespace.full());
        }
        return collection;
    }

    Document listDatabases(Document command) {
        Set<String> names = new TreeSet<>(List.of("admin", "config", "local"));
        backend.databaseNames().stream()
                .filter(name -> !backend.collections(name).isEmpty())
                .forEach(names::add);
        List<Document> databases = new ArrayList<>();
        for (String name : names) {
            Document database = new Document("name", name);
            if (!Boolean.TRUE.equals(command.get("nameOnly"))) {
                database.append("sizeOnDisk", 0L)
                        .append("empty", backend.collections(name).isEmpty());
            }
            databases.add(database);
        }
        return new Document("databases", filtered(databases, command))
                .append("totalSize", 0L)
                .append("ok", 1.0);
    }

    Document listCollections(String database, Document command) {
        List<Document> collections = new ArrayList<>();
        // The administrative database is asked for its collections, too, and has none to show.
        if (!database.equals("admin")) {
            backend.collections(database).stream()
                    .sorted(Comparator.comparing(Namespace::collection))
                    .forEach(namespace -> collections.add(description(namespace)));
        }
        Document cursor = new Document("firstBatch", filtered(collections, command))
                .append("id", 0L)
                .append("ns", database + ".$cmd.listCollections");
        return new Document("cursor", cursor).append("ok", 1.0);
    }

    private Document description(Namespace namespace) {
        Document info = new Document("readOnly", false)
                .append("uuid", existing(namespace).getUuid());
        return new Document("name", namespace.collection())
                .append("type", "collection")
                .append("options", journal.options(namespace))
                .append("info", info)
                .append(
                        "idIndex",
                        new Document("v", 2)
                                .append("key", new Document("_id", 1))
                                .append("name", "_id_"));
    }

    private static List<Document> filtered(List<Document> documents, Document command) {
        if (!(command.get("filter") instanceof Document filter)) {
            return documents;
        }
        DefaultQueryMatcher matcher = new DefaultQueryMatcher();
        return documents.stream()
                .filter(document -> matcher.matches(document, filter))
                .toList();
    }

    private static Document ok() {
        return new Document("ok", 1.0);
    }
}

package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;

/** A database and a collection in it; the collection is empty where the database as a whole is meant. */
record Namespace(String database, String collection) {

    /** The databases a change stream never shows. */
    private static final String INTERNAL = " admin config local ";

    static Namespace parse(String full) {
        int dot = full.indexOf('.');
        return new Namespace(full.substring(0, dot), full.substring(dot + 1));
    }

    String full() {
        return database + "." + collection;
    }

    boolean isInternal() {
        return isInternal(database) || collection.startsWith("system.");
    }

    static boolean isInternal(String database) {
        return INTERNAL.contains(" " + database + " ");
    }

    Document toDocument() {
        Document document = new Document("db", database);
        return collection.isEmpty() ? document : document.append("coll", collection);
    }
}

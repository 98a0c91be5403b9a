package io.sluice.platform.mongo;

import com.mongodb.client.MongoClient;
import java.util.HexFormat;
import java.util.Optional;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/** What stands in the catalog of collections. */
public final class MongoCatalog {

    private static final String IMAGES = "changeStreamPreAndPostImages";

    private final MongoClient client;

    public MongoCatalog(MongoClient client) {
        this.client = client;
    }

    /**
     * One collection.
     *
     * @param uuid the same as long as it is the same collection, also under another name
     * @param type {@code collection}, {@code view} or {@code timeseries}
     * @param images whether documents are kept as they were before and after each change
     */
    public record Found(String uuid, String type, boolean capped, boolean images) {

        /** Whether it is none of those that derive from others. */
        public boolean isPlain() {
            return type.equals("collection");
        }
    }

    public Optional<Found> find(String database, String collection) {
        BsonDocument found = client.getDatabase(database)
                .listCollections(BsonDocument.class)
                .filter(new BsonDocument("name", new BsonString(collection)))
                .first();
        return Optional.ofNullable(found).map(MongoCatalog::read);
    }

    private static Found read(BsonDocument description) {
        BsonDocument options = description.getDocument("options", new BsonDocument());
        BsonDocument info = description.getDocument("info", new BsonDocument());
        BsonDocument images = options.getDocument(IMAGES, new BsonDocument());
        return new Found(
                uuid(info),
                description.getString("type", new BsonString("collection")).getValue(),
                options.getBoolean("capped", BsonBoolean.FALSE).getValue(),
                images.getBoolean("enabled", BsonBoolean.FALSE).getValue());
    }

    private static String uuid(BsonDocument info) {
        byte @Nullable [] bytes = info.isBinary("uuid") ? info.getBinary("uuid").getData() : null;
        return bytes == null ? "" : HexFormat.of().formatHex(bytes);
    }

    /** About how many documents it holds. */
    public long estimate(String database, String collection) {
        return client.getDatabase(database).getCollection(collection).estimatedDocumentCount();
    }
}

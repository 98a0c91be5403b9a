package io.sluice.platform.mongo;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import java.util.List;
import org.bson.BSONException;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.json.JsonParseException;
import org.jspecify.annotations.Nullable;

/**
 * Documents of one collection as rows: the id, which is the key, and the whole document, both as canonical extended JSON. The
 * one decoder of documents; safe for use by several threads.
 */
public final class DocumentDecoder {

    public static final String ID = "_id";
    public static final String DOCUMENT = "document";

    private final RowSchema schema;
    private final RowSchema keySchema;

    public DocumentDecoder(String collection) {
        this.schema = new RowSchema(
                collection,
                List.of(
                        new Column(ID, Simple.TEXT, "text", false),
                        new Column(DOCUMENT, Simple.DOCUMENT, "document", true)),
                List.of(ID));
        this.keySchema = schema.keySchema();
    }

    public RowSchema schema() {
        return schema;
    }

    /** The id's one spelling: equal for two ids exactly if MongoDB holds them to be equal (collations apart). */
    public static String canonicalId(BsonValue id) {
        return ExtendedJson.of(CanonicalId.of(id));
    }

    /** The id exactly as it is, as text that {@link #parsedId} reads. */
    public static String exactId(BsonValue id) {
        return ExtendedJson.of(id);
    }

    public static BsonValue parsedId(String text) {
        return ExtendedJson.parse(text);
    }

    /** @param canonicalId as {@link #canonicalId} makes it */
    public Key key(String canonicalId) {
        return new Key(keySchema, new @Nullable Object[] {canonicalId});
    }

    /** @throws UnrepresentableDocumentException if its text would not say without doubt what it is */
    public Row row(String canonicalId, RawBsonDocument document) {
        return new Row(schema, new @Nullable Object[] {canonicalId, ExtendedJson.of(document)});
    }

    /**
     * The row of a document that a person wrote as extended JSON, canonical or relaxed.
     *
     * @throws IllegalArgumentException if it is no such text, or has no id
     * @throws UnrepresentableDocumentException as {@link #row}
     */
    public Row written(String extendedJson) {
        RawBsonDocument document;
        try {
            document = RawBsonDocument.parse(extendedJson);
        } catch (JsonParseException | BSONException e) {
            throw new IllegalArgumentException(e);
        }
        return row(canonicalId(id(document)), document);
    }

    /** @throws IllegalArgumentException if the document has no id */
    public static BsonValue id(RawBsonDocument document) {
        BsonValue id = document.get(ID);
        if (id == null) {
            throw new IllegalArgumentException("a document without _id");
        }
        return id;
    }
}

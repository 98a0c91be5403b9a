package io.sluice.platform.mongo;

import java.io.StringWriter;
import org.bson.BsonBinaryReader;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.json.JsonMode;
import org.bson.json.JsonParseException;
import org.bson.json.JsonWriter;
import org.bson.json.JsonWriterSettings;

/**
 * Documents as canonical extended JSON, version 2: the one text form that keeps every BSON type, and that libraries for many
 * languages read.
 */
final class ExtendedJson {

    private static final char REPLACEMENT = '\ufffd';
    private static final JsonWriterSettings CANONICAL =
            JsonWriterSettings.builder().outputMode(JsonMode.EXTENDED).build();
    private static final String NAME = "v";
    private static final int PREFIX = "{\"v\": ".length();
    private static final int SUFFIX = "}".length();

    private ExtendedJson() {}

    /** @throws UnrepresentableDocumentException if whoever reads the text could take it for another document */
    static String of(RawBsonDocument document) {
        StringWriter out = new StringWriter(document.getByteBuffer().remaining() * 2);
        NameWatchingWriter writer = new NameWatchingWriter(out);
        try (BsonBinaryReader reader =
                new BsonBinaryReader(document.getByteBuffer().asNIO())) {
            writer.pipe(reader);
        }
        String text = out.toString();
        if (text.indexOf(REPLACEMENT) >= 0 && !isUtf8(document)) {
            throw new UnrepresentableDocumentException("a document holds text that is not UTF-8");
        }
        if (writer.sawDollar && !saysTheSame(text, document)) {
            throw new UnrepresentableDocumentException(
                    "a document has fields named like the types of extended JSON, $oid or $date say, so its text would be"
                            + " taken for something else");
        }
        return text;
    }

    /** One value, as it stands in a document. */
    static String of(BsonValue value) {
        String text = new BsonDocument(NAME, value).toJson(CANONICAL);
        return text.substring(PREFIX, text.length() - SUFFIX);
    }

    /** The value that {@link #of(BsonValue)} made the text of. */
    static BsonValue parse(String text) {
        BsonValue value = BsonDocument.parse("{\"v\": " + text + "}").get(NAME);
        if (value == null) {
            throw new JsonParseException("there is no value");
        }
        return value;
    }

    private static boolean saysTheSame(String text, RawBsonDocument document) {
        try {
            return BsonDocument.parse(text).equals(document.decode(new BsonDocumentCodec()));
        } catch (RuntimeException e) {
            // A parser that can't read it can't take it for this document.
            return false;
        }
    }

    /** Its strings are the only part of a document that may hold these three bytes by chance; then it is re-encoded. */
    private static boolean isUtf8(RawBsonDocument document) {
        BsonDocument decoded = document.decode(new BsonDocumentCodec());
        RawBsonDocument again = new RawBsonDocument(decoded, new BsonDocumentCodec());
        return again.getByteBuffer().asNIO().equals(document.getByteBuffer().asNIO());
    }

    /** Notes whether a field's name begins as those do that stand for types. */
    private static final class NameWatchingWriter extends JsonWriter {

        private boolean sawDollar;

        NameWatchingWriter(StringWriter out) {
            super(out, CANONICAL);
        }

        @Override
        protected void doWriteName(String name) {
            sawDollar |= name.startsWith("$");
            super.doWriteName(name);
        }
    }
}

package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Documents as bytes: what is kept as bytes can't be changed by a later write to the same document. */
final class Bson {

    /** The greatest size of a document, a change event and a batch of either. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    private Bson() {}

    static byte[] encode(Document... documents) {
        ByteBuf buffer = Unpooled.buffer(512);
        for (Document document : documents) {
            BsonEncoder.encodeDocument(document, buffer);
        }
        return ByteBufUtil.getBytes(buffer);
    }

    static Document decode(byte[] bytes) {
        return BsonDecoder.decodeBson(Unpooled.wrappedBuffer(bytes));
    }

    static List<Document> decodeAll(byte[] bytes) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        List<Document> documents = new ArrayList<>();
        while (buffer.isReadable()) {
            documents.add(BsonDecoder.decodeBson(buffer));
        }
        return documents;
    }

    /** A field that must be there and of this type, as in a command. */
    static <T> T required(Document document, String name, Class<T> type) {
        Object value = document.get(name);
        if (!type.isInstance(value)) {
            throw new MongoServerError(
                    14, "TypeMismatch", "BSON field '" + name + "' is missing or of another type than expected");
        }
        return type.cast(value);
    }

    /** A field that must be there and hold documents. */
    static List<Document> documents(Document document, String name) {
        List<Document> documents = new ArrayList<>();
        for (Object element : required(document, name, Collection.class)) {
            documents.add((Document) element);
        }
        return documents;
    }

    static int size(Document document) {
        ByteBuf buffer = Unpooled.buffer(512);
        BsonEncoder.encodeDocument(document, buffer);
        return buffer.writerIndex();
    }
}

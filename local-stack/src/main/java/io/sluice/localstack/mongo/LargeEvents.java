package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Splits an event that is larger than a document may be into fragments that are not. */
final class LargeEvents {

    /** Room for a fragment's token and its place among the fragments. */
    private static final int FRAME_BYTES = 512;

    private LargeEvents() {}

    static List<Document> split(Document event, long time, boolean allowed) {
        List<Map.Entry<String, Object>> fields = new ArrayList<>(event.entrySet());
        fields.removeIf(field -> field.getKey().equals("_id"));
        fields.sort(Comparator.comparingInt(LargeEvents::size));
        List<Document> fragments = new ArrayList<>();
        Document fragment = new Document();
        int bytes = FRAME_BYTES;
        for (Map.Entry<String, Object> field : fields) {
            int size = size(field);
            if (!allowed || size + FRAME_BYTES > Bson.MAX_BYTES) {
                throw new MongoServerError(
                        10334,
                        "BSONObjectTooLarge",
                        "BSONObj size is invalid. Size must be between 0 and " + Bson.MAX_BYTES);
            }
            if (bytes + size > Bson.MAX_BYTES) {
                fragments.add(fragment);
                fragment = new Document();
                bytes = FRAME_BYTES;
            }
            fragment.append(field.getKey(), field.getValue());
            bytes += size;
        }
        fragments.add(fragment);
        return numbered(fragments, time);
    }

    private static List<Document> numbered(List<Document> fragments, long time) {
        List<Document> numbered = new ArrayList<>();
        for (int index = 1; index <= fragments.size(); index++) {
            Document framed = new Document(
                            "_id", ResumeToken.fragment(time, index).toDocument())
                    .append("splitEvent", new Document("fragment", index).append("of", fragments.size()));
            framed.putAll(fragments.get(index - 1));
            numbered.add(framed);
        }
        return numbered;
    }

    private static int size(Map.Entry<String, Object> field) {
        return Bson.size(new Document(field.getKey(), field.getValue()));
    }
}

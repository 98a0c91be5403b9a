package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lower bound of a query on the index of the key, across all types of keys. The library knows none, so it is applied to what
 * the query finds.
 *
 * @param from the least key; null without a bound
 * @param limit how many documents may be left; 0 for all
 */
record Bound(@Nullable Object from, int limit) {

    /** Takes the bound out of a query, and with it the limit, which counts only what lies above. */
    static Bound takenFrom(Document query) {
        if (query.containsKey("max")) {
            throw Refusals.notImplemented("max");
        }
        if (!(query.remove("min") instanceof Document min)) {
            return new Bound(null, 0);
        }
        Document byKey = new Document("_id", 1);
        if (!min.keySet().equals(Set.of("_id"))
                || !byKey.equals(query.get("hint"))
                || !byKey.equals(query.get("sort"))) {
            throw Refusals.notImplemented("min on any index but the key's, in its order");
        }
        int limit = query.remove("limit") instanceof Number number ? number.intValue() : 0;
        return new Bound(min.get("_id"), limit);
    }

    /** The same for a query that may need more than it asks for: its limit, too, is applied to what is found. */
    Bound withLimit(Document query) {
        return query.remove("limit") instanceof Number number ? new Bound(from, number.intValue()) : this;
    }

    Document applied(Document reply) {
        if ((from != null || limit != 0) && reply.get("cursor") instanceof Document cursor) {
            List<Document> above = new ArrayList<>();
            for (Document document : Bson.documents(cursor, "firstBatch")) {
                if ((limit == 0 || above.size() < limit)
                        && (from == null
                                || ValueComparator.ascWithoutListHandling().compare(document.get("_id"), from) >= 0)) {
                    above.add(document);
                }
            }
            cursor.put("firstBatch", above);
        }
        return reply;
    }
}

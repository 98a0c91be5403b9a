package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.backend.AbstractCursor;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Cuts results into batches no larger than a document may be: the library sends a whole collection in one reply. */
final class Batches {

    private static final int FIRST_BATCH = 101;

    private Batches() {}

    /** How many documents a command wants at once; no limit where it says nothing. */
    static int size(Document options) {
        return options.get("batchSize") instanceof Number size ? size.intValue() : Integer.MAX_VALUE;
    }

    /** Leaves the first batch in the reply to a query and keeps the rest under a new cursor. */
    static void cutFirst(Document reply, Document command, CursorRegistry cursors) {
        if (!(reply.get("cursor") instanceof Document cursor && cursor.get("firstBatch") instanceof Iterable<?> all)) {
            return;
        }
        Remainder remainder = new Remainder(cursors.generateCursorId());
        all.forEach(document -> remainder.documents.add((Document) document));
        Document options = command.get("cursor") instanceof Document nested ? nested : command;
        int size = options.containsKey("batchSize") ? size(options) : FIRST_BATCH;
        cursor.put("firstBatch", remainder.takeDocuments(size));
        if (!remainder.isEmpty() && !Boolean.TRUE.equals(command.get("singleBatch"))) {
            cursor.put("id", remainder.getId());
            cursors.add(remainder);
        }
    }

    /** The documents of a result that were not sent yet. */
    static final class Remainder extends AbstractCursor {

        private final Deque<Document> documents = new ArrayDeque<>();

        Remainder(long id) {
            super(id);
        }

        @Override
        public boolean isEmpty() {
            return documents.isEmpty();
        }

        @Override
        public List<Document> takeDocuments(int numberToReturn) {
            List<Document> batch = new ArrayList<>();
            long bytes = 0;
            while (!documents.isEmpty() && batch.size() < numberToReturn) {
                bytes += Bson.size(documents.getFirst());
                if (bytes > Bson.MAX_BYTES && !batch.isEmpty()) {
                    break;
                }
                batch.add(documents.removeFirst());
            }
            return batch;
        }
    }
}

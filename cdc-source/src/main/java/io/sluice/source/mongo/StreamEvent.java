package io.sluice.source.mongo;

import io.sluice.schemas.model.TableId;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** What a change stream tells, as far as it matters to us. */
sealed interface StreamEvent {

    /** The cluster time: all events of one transaction share it. */
    long time();

    /** Where a stream goes on after this event. */
    BsonDocument token();

    /**
     * A document was written or removed.
     *
     * @param id as it stands in the document
     * @param key the id's one spelling
     * @param after the document after the change; null where the stream does not tell it, and of a delete
     * @param before the document before the change, where images are kept
     * @param transaction the source's name for what the change is part of
     */
    record Changed(
            boolean deleted,
            TableId table,
            BsonValue id,
            String key,
            @Nullable RawBsonDocument after,
            @Nullable RawBsonDocument before,
            long time,
            long committedAtMicros,
            String transaction,
            BsonDocument token)
            implements StreamEvent {

        /** Whether the stream leaves out what the document is now. */
        boolean lacksDocument() {
            return !deleted && after == null;
        }
    }

    /**
     * Collections of ours are no longer what they were.
     *
     * @param code of the runbook
     */
    record Ended(List<TableId> tables, String code, String problem, long time, BsonDocument token)
            implements StreamEvent {

        public Ended {
            tables = List.copyOf(tables);
        }
    }

    /** Something that is none of our business, or only says that the stream ends here. */
    record Other(long time, BsonDocument token) implements StreamEvent {}
}

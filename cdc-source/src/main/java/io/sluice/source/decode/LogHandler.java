package io.sluice.source.decode;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes the log's messages in their order. */
interface LogHandler {

    /** @param commitLsn where the commit's record begins, known before the changes come */
    void begin(long commitLsn, long committedAtMicros, int transaction);

    /**
     * Says who wrote the transaction that has just begun; one that carries no origin says nothing.
     *
     * @param name empty where the server does not know the origin by name any more
     */
    void origin(Optional<String> name);

    void relation(Relation relation);

    void insert(int relation, Tuple after);

    /**
     * @param before the old row, or only its key; null where the key did not change and the log says nothing more
     * @param whole whether it is the whole old row
     */
    void update(int relation, @Nullable Tuple before, boolean whole, Tuple after);

    void delete(int relation, Tuple before, boolean whole);

    void truncate(int[] relations);

    /** @param endLsn where the commit's record ends: the boundary */
    void commit(long commitLsn, long endLsn, long committedAtMicros);
}

package io.sluice.sink.parking;

import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.sink.batch.Incoming;
import io.sluice.sink.batch.WriteRules;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Changes of one key that are to be applied together, in their order. Belongs to one thread. */
public final class KeyWork {

    private final ParkedKey key;
    private final List<Piece> pieces = new ArrayList<>();

    /**
     * A change with the record that it was read from.
     *
     * @param sequence its place among all that are worked on
     */
    public record Piece(int sequence, ConsumerRecord<byte[], byte @Nullable []> record, Incoming incoming) {

        boolean isWhole() {
            return !(incoming.change() instanceof RowChange.Upsert upsert)
                    || upsert.row().isWhole();
        }

        /** Whether nothing is left for earlier changes of the key to say of the row. */
        public boolean tellsAll(WriteRules rules) {
            return incoming.change() instanceof RowChange.Delete
                    ? rules.deletes() instanceof DeletePolicy.Hard
                    : isWhole();
        }

        /** A whole row that a load has read is newer than all that was published of its key before. */
        boolean isLoaded() {
            return incoming.change() instanceof RowChange.Upsert upsert
                    && upsert.row().isWhole()
                    && upsert.provenance().kind() == Provenance.Kind.SNAPSHOT;
        }
    }

    public KeyWork(ParkedKey key) {
        this.key = key;
    }

    public void add(Piece piece) {
        pieces.add(piece);
    }

    public ParkedKey key() {
        return key;
    }

    List<Piece> pieces() {
        return pieces;
    }

    /** The row that there is once all of it is applied, if that can be told from it alone. */
    @Nullable
    Row lastRow() {
        return pieces.get(pieces.size() - 1).incoming().change() instanceof RowChange.Upsert upsert
                        && upsert.row().isWhole()
                ? upsert.row()
                : null;
    }

    TargetTable table() {
        return pieces.get(0).incoming().change().table();
    }

    /** The first so many of the pieces. */
    KeyWork until(int end) {
        KeyWork part = new KeyWork(key);
        part.pieces.addAll(pieces.subList(0, end));
        return part;
    }

    /** The others. */
    KeyWork from(int begin) {
        KeyWork part = new KeyWork(key);
        part.pieces.addAll(pieces.subList(begin, pieces.size()));
        return part;
    }

    /** How many of the pieces are no later than this offset. */
    int countUpTo(long offset) {
        return (int) pieces.stream()
                .filter(piece -> piece.record().offset() <= offset)
                .count();
    }

    /** From the first of the pieces that are so; null if none is. */
    @Nullable
    KeyWork fromFirst(Predicate<Piece> so) {
        for (int i = 0; i < pieces.size(); i++) {
            if (so.test(pieces.get(i))) {
                return from(i);
            }
        }
        return null;
    }

    /** From the last of the pieces that are so; null if none is. */
    @Nullable
    KeyWork fromLast(Predicate<Piece> so) {
        for (int i = pieces.size() - 1; i >= 0; i--) {
            if (so.test(pieces.get(i))) {
                return from(i);
            }
        }
        return null;
    }
}

package io.sluice.schemas.model;

import java.util.Comparator;

/**
 * Where a change stands in its source. Positions of one source are totally ordered and strictly increase along its log;
 * positions of two sources say nothing about each other.
 *
 * @param epoch counts the fresh starts of this source; a new epoch lies after everything of the one before
 * @param boundary the last transaction boundary before this change: the end of the transaction committed just before its own
 *     (PostgreSQL: an LSN; MongoDB: a cluster time). The end of its own transaction is not known while a long one streams by.
 * @param order the change's place after that boundary, counted from 1; 0 is the boundary itself, where snapshot rows stand
 */
public record Position(int epoch, long boundary, long order) implements Comparable<Position> {

    private static final Comparator<Position> ORDER = Comparator.comparingInt(Position::epoch)
            .thenComparing(Position::boundary, Long::compareUnsigned)
            .thenComparingLong(Position::order);

    public Position {
        if (epoch < 1 || order < 0) {
            throw new IllegalArgumentException("epoch counts from 1 and order from 0");
        }
    }

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    /** {@code epoch/boundary/order}, the boundary in hexadecimal. */
    @Override
    public String toString() {
        return epoch + "/" + Long.toHexString(boundary) + "/" + order;
    }
}

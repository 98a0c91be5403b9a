package io.sluice.sink.ledger;

import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.Origins;
import io.sluice.sink.batch.RowPartition;

/**
 * The right to write the rows of one partition, until someone takes it.
 *
 * @param topicId tells the topic from another that has its name
 * @param epoch counts the takers of this partition
 * @param position the offset that is read next
 * @param origins what was applied
 * @param begun the loads that have begun in it and are not over, as far as we know
 */
public record Claim(RowPartition partition, String topicId, long epoch, long position, Origins origins, Begun begun) {

    public Claim movedTo(long newPosition, Origins newOrigins) {
        return new Claim(partition, topicId, epoch, newPosition, newOrigins, begun);
    }

    public Claim knowing(Begun now) {
        return new Claim(partition, topicId, epoch, position, origins, now);
    }
}

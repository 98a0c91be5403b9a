package io.sluice.sink.ledger;

import io.sluice.sink.batch.Origins;
import io.sluice.sink.batch.RowPartition;

/**
 * The right to write the rows of one partition, until someone takes it.
 *
 * @param topicId tells the topic from another that has its name
 * @param epoch counts the takers of this partition
 * @param position the offset that is read next
 * @param origins what was applied
 */
public record Claim(RowPartition partition, String topicId, long epoch, long position, Origins origins) {

    public Claim movedTo(long newPosition, Origins newOrigins) {
        return new Claim(partition, topicId, epoch, newPosition, newOrigins);
    }
}

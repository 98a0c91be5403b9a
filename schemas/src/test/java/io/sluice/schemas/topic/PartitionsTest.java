package io.sluice.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PartitionsTest {

    private static byte[] key(int schemaId, long number) {
        return ByteBuffer.allocate(13)
                .put((byte) 0)
                .putInt(schemaId)
                .putLong(number)
                .array();
    }

    @Property
    void theSchemaIdDoesNotMoveAKey(
            @ForAll int id1,
            @ForAll int id2,
            @ForAll long number,
            @ForAll @IntRange(min = 1, max = 64) int partitions) {
        int partition = Partitions.of(key(id1, number), partitions);
        assertThat(partition).isBetween(0, partitions - 1).isEqualTo(Partitions.of(key(id2, number), partitions));
    }

    @Test
    void neighbouringKeysSpreadEvenly() {
        int[] counts = new int[6];
        for (int i = 0; i < 60_000; i++) {
            counts[Partitions.of(key(1, i), 6)]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(9_000, 11_000);
        }
    }

    /** A key that moved would be applied by two workers at once: these must never change. */
    @Test
    void theChoiceIsFrozen() {
        assertThat(Partitions.of(key(1, 0), 6)).isEqualTo(4);
        assertThat(Partitions.of(key(1, 1), 6)).isEqualTo(1);
        assertThat(Partitions.of(key(1, Long.MAX_VALUE), 6)).isEqualTo(5);
    }
}

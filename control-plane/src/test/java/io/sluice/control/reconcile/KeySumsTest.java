package io.sluice.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeySumsTest {

    private static RowKey key(long id) {
        return new RowKey(List.of(id));
    }

    @Test
    void theSameKeysInAnotherOrderAreTheSame() {
        KeySums sums = new KeySums(1000);
        for (long id = 0; id < 1000; id++) {
            sums.add(key(id));
            sums.remove(key(999 - id));
        }
        assertThat(sums.areEqual()).isTrue();
    }

    @Test
    void aKeyOfOneSetAloneIsSuspectAndHardlyAnyOther() {
        KeySums sums = new KeySums(100_000);
        for (long id = 0; id < 100_000; id++) {
            sums.add(key(id));
            sums.remove(key(id == 4711 ? -1 : id));
        }
        assertThat(sums.areEqual()).isFalse();
        assertThat(sums.maySuspect(key(4711))).isTrue();
        assertThat(sums.maySuspect(key(-1))).isTrue();
        long suspects = 0;
        for (long id = 0; id < 100_000; id++) {
            suspects += sums.maySuspect(key(id)) ? 1 : 0;
        }
        assertThat(suspects).isBetween(1L, 100L);
    }

    @Test
    void whereAPartEndsMakesAnotherKey() {
        assertThat(new RowKey(List.of("a", "bc")).hash()).isNotEqualTo(new RowKey(List.of("ab", "c")).hash());
        assertThat(new RowKey(List.of("1")).hash()).isNotEqualTo(new RowKey(List.of(1L)).hash());
    }
}

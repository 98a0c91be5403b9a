package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BreakerTest {

    private Breaker breaker = Breaker.restored(3, 10, null);

    private void healthy(int records) {
        for (int i = 0; i < records; i++) {
            breaker.count();
        }
    }

    private boolean unfit() {
        breaker.count();
        return breaker.admits();
    }

    @Test
    void itLetsThatManyOfTheLastRecordsPassAndNotOneMore() {
        assertThat(unfit()).isTrue();
        healthy(6);
        assertThat(unfit()).isTrue();
        assertThat(unfit()).isTrue();
        assertThat(unfit()).isFalse();
    }

    @Test
    void whatLiesFurtherBackIsForgotten() {
        for (int round = 0; round < 20; round++) {
            assertThat(unfit()).isTrue();
            healthy(3);
        }
    }

    @Test
    void aRestartDoesNotLetMoreThrough() {
        for (int i = 0; i < 3; i++) {
            assertThat(unfit()).isTrue();
            breaker = Breaker.restored(3, 10, breaker.state());
        }
        assertThat(unfit()).isFalse();
        assertThat(unfit()).isFalse();
    }

    @Test
    void asManyAsThereAreRecordsIsNever() {
        breaker = Breaker.restored(5, 5, null);
        for (int i = 0; i < 50; i++) {
            assertThat(unfit()).isTrue();
        }
    }

    @Test
    void aLowerLimitHoldsForWhatWasStoredUnderAHigherOne() {
        for (int i = 0; i < 3; i++) {
            unfit();
        }
        breaker = Breaker.restored(2, 10, breaker.state());
        assertThat(unfit()).isFalse();
    }
}

package io.sluice.platform.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MongoOplogTest {

    @Test
    void aFullOplogForgetsAsFastAsItIsWritten() {
        MongoOplog full = new MongoOplog(1_000, 5_000, 100, 100);

        assertThat(full.secondsLeft(5_000)).hasValue(4_000);
        assertThat(full.secondsLeft(1_200)).hasValue(200);
        assertThat(full.secondsLeft(900)).hasValue(0);
    }

    @Test
    void whatIsStillFreeCountsAsLongAsItTakesToFill() {
        MongoOplog young = new MongoOplog(1_000, 1_100, 10, 1_000);

        assertThat(young.secondsLeft(1_100)).hasValue(9_900 + 100);
    }

    @Test
    void anEmptyOneTellsNothing() {
        assertThat(new MongoOplog(1_000, 1_000, 0, 100).secondsLeft(1_000)).isEmpty();
    }
}

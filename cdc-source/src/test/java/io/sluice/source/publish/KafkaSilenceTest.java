package io.sluice.source.publish;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KafkaSilenceTest {

    private final KafkaSilence silence = new KafkaSilence();

    @Test
    void itLastsWhileARecordOrAnAnswerIsOwed() {
        assertThat(silence.length()).isZero();
        silence.sent();
        silence.sent();
        silence.arrived();
        assertThat(silence.length()).isPositive();
        silence.arrived();
        assertThat(silence.length()).isZero();
        silence.asks();
        assertThat(silence.length()).isPositive();
        silence.answered();
        assertThat(silence.length()).isZero();
    }

    @Test
    void whatAProducerThatFailedWasOwedIsForgottenWhenTheNextIsLetIn() {
        silence.sent();
        silence.asks();
        silence.asks();
        assertThat(silence.length()).as("of an answer that never came").isPositive();
        silence.beginsAnew();
        assertThat(silence.length()).isZero();
    }
}

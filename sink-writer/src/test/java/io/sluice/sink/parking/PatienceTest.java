package io.sluice.sink.parking;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final TopicPartition PLACE = new TopicPartition("any", 0);

    private final Patience patience = new Patience(Duration.ofNanos(10));
    private final Service service = new Service();

    /** One partition of everything. */
    private static final class Service implements Patience.Reach {

        private long published;
        private long mapped;
        private long sent;
        private long applied;
        private boolean loading;

        @Override
        public Map<TopicPartition, Long> changeEnds() {
            return Map.of(PLACE, published);
        }

        @Override
        public boolean isMapped(Map<TopicPartition, Long> ends) {
            return mapped >= ends.getOrDefault(PLACE, 0L);
        }

        @Override
        public Map<TopicPartition, Long> rowEnds() {
            return Map.of(PLACE, sent);
        }

        @Override
        public boolean isApplied(Map<TopicPartition, Long> ends) {
            return applied >= ends.getOrDefault(PLACE, 0L);
        }

        @Override
        public boolean isLoading() {
            return loading;
        }
    }

    private void lookAt(long... nanos) throws Exception {
        for (long each : nanos) {
            patience.look(service, each);
        }
    }

    @Test
    void nothingIsOverBeforeTheGraceTimeIs() throws Exception {
        lookAt(100, 109);
        assertThat(patience.isOver(100)).isFalse();
        lookAt(110);
        assertThat(patience.isOver(100)).isTrue();
    }

    @Test
    void whatBeganToWaitDuringARoundIsTheNextOnes() throws Exception {
        lookAt(100, 110);
        assertThat(patience.isOver(101)).isFalse();
        lookAt(111, 121);
        assertThat(patience.isOver(101)).isTrue();
    }

    @Test
    void theTransformIsWaitedForAndThenWhatItMadeOfIt() throws Exception {
        service.published = 5;
        lookAt(100, 200, 300);
        assertThat(patience.isOver(100)).isFalse();
        service.mapped = 5;
        service.sent = 7;
        lookAt(400, 500, 600);
        assertThat(patience.isOver(100)).isFalse();
        service.applied = 7;
        lookAt(700, 709);
        assertThat(patience.isOver(100)).isFalse();
        lookAt(710);
        assertThat(patience.isOver(100)).isTrue();
    }

    @Test
    void whatIsPublishedLaterIsNotWaitedFor() throws Exception {
        lookAt(100);
        service.published = 5;
        service.sent = 7;
        lookAt(110);
        assertThat(patience.isOver(100)).isTrue();
    }

    @Test
    void theGraceTimeBeginsAnewWhenALoadDoes() throws Exception {
        lookAt(100, 109);
        service.loading = true;
        lookAt(110);
        service.loading = false;
        lookAt(115, 124);
        assertThat(patience.isOver(100)).isFalse();
        lookAt(125);
        assertThat(patience.isOver(100)).isTrue();
    }

    @Test
    void aLoadThatBeginsBeforeItWasTriedOnceMoreIsWaitedFor() throws Exception {
        lookAt(100, 110);
        service.loading = true;
        lookAt(111);
        assertThat(patience.isOver(100)).isFalse();
    }

    @Test
    void afterARestItBeginsAnew() throws Exception {
        lookAt(100, 110);
        patience.rest();
        assertThat(patience.isOver(100)).isFalse();
        lookAt(120, 129);
        assertThat(patience.isOver(115)).isFalse();
        lookAt(130);
        assertThat(patience.isOver(115)).isTrue();
    }
}

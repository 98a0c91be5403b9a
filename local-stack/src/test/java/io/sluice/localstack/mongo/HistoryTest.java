package io.sluice.localstack.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import de.bwaldvogel.mongo.bson.Document;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private final SetClock clock = new SetClock(Instant.ofEpochSecond(1_700_000_000));
    private final DataFile file = DataFile.open(null);

    @AfterEach
    void close() {
        file.close();
    }

    private History history(int maxChanges, long maxBytes) {
        return new History(file.changes(), file.marks(), maxChanges, maxBytes, clock);
    }

    private static long add(History history, Instant wallTime) {
        long time = history.tick();
        Namespace users = new Namespace("app", "users");
        Document document = new Document("_id", 1).append("text", "x".repeat(1000));
        history.add(new Change(
                time, wallTime, Change.Kind.INSERT, users, null, new Document("_id", 1), null, document, null));
        return time;
    }

    @Test
    void clusterTimeFollowsTheClockInItsUpperHalf() {
        History history = history(10, 1_000_000);
        clock.advance(Duration.ofHours(1));

        assertThat(history.tick() >>> 32).isEqualTo(1_700_003_600);
        assertThat(history.tick()).isEqualTo(history.last()).isEqualTo((1_700_003_600L << 32) + 2);
    }

    @Test
    void clusterTimeNeverGoesBackEvenIfTheClockDoesWhileTheServerIsDown() {
        long before = add(history(10, 1_000_000), clock.instant());
        clock.advance(Duration.ofDays(-2));

        History restarted = history(10, 1_000_000);

        assertThat(restarted.last()).isEqualTo(before);
        assertThat(restarted.tick()).isEqualTo(before + 1);
        assertThat(restarted.at(before)).isNotNull();
    }

    @Test
    void risesByItselfOnlyWhenNothingHappenedForAWhile() {
        History history = history(10, 1_000_000);
        long last = history.last();

        clock.advance(Duration.ofSeconds(9));
        history.tickWhenIdle();
        assertThat(history.last()).isEqualTo(last);

        clock.advance(Duration.ofSeconds(1));
        history.tickWhenIdle();
        assertThat(history.last()).isGreaterThan(last);
    }

    @Test
    void isBoundedInBytesButKeepsTheNewestChange() {
        History history = history(1_000, 3_500);
        long first = add(history, clock.instant());
        add(history, clock.instant());
        add(history, clock.instant());
        assertThat(history.lost()).isLessThan(first);

        add(history, clock.instant());
        assertThat(history.lost()).isEqualTo(first);

        History tiny = history(1_000, 1);
        long last = add(tiny, clock.instant());
        assertThat(tiny.at(last)).isNotNull();
        assertThat(tiny.ends()).hasSize(1);
        assertThat(tiny.lost()).isLessThan(last);
    }

    private static final class SetClock extends Clock {

        private Instant now;

        SetClock(Instant now) {
            this.now = now;
        }

        void advance(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}

package io.sluice.source.mongo;

import static io.sluice.source.mongo.ReadingPlan.Fate.AS_READ;
import static io.sluice.source.mongo.ReadingPlan.Fate.AS_TOLD;
import static io.sluice.source.mongo.ReadingPlan.Fate.COVERED;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.TableId;
import java.util.List;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadingPlanTest {

    private static final TableId USERS = new TableId("shop", "app", "users");
    private static final @Nullable RawBsonDocument DOCUMENT =
            new RawBsonDocument(new BsonDocument(), new BsonDocumentCodec());

    private static StreamEvent.Changed event(int id, long time, boolean deleted, @Nullable RawBsonDocument after) {
        return new StreamEvent.Changed(
                deleted, USERS, new BsonInt32(id), "" + id, after, null, time, 0, "", new BsonDocument());
    }

    private static StreamEvent.Changed told(int id, long time) {
        return event(id, time, false, DOCUMENT);
    }

    private static StreamEvent.Changed untold(int id, long time) {
        return event(id, time, false, null);
    }

    private static StreamEvent.Changed deleted(int id, long time) {
        return event(id, time, true, null);
    }

    private static List<ReadingPlan.Fate> fates(long horizon, StreamEvent.Changed... events) {
        ReadingPlan plan = new ReadingPlan(List.of(events), table -> horizon);
        return IntStream.range(0, events.length).mapToObj(plan::fate).toList();
    }

    @Test
    void whatTheStreamTellsBehindTheHorizonIsTaken() {
        assertThat(fates(10, told(1, 11), deleted(1, 12), told(1, 13))).containsExactly(AS_TOLD, AS_TOLD, AS_TOLD);
    }

    @Test
    void fromTheFirstUntoldChangeOnTheDocumentStandsForAllInThePlaceOfTheLast() {
        assertThat(fates(10, told(1, 11), untold(1, 12), told(2, 13), told(1, 14), deleted(1, 15)))
                .containsExactly(AS_TOLD, COVERED, AS_TOLD, COVERED, AS_READ);
    }

    @Test
    void upToTheHorizonNothingIsTakenAtItsWord() {
        assertThat(fates(12, told(1, 11), deleted(2, 12), told(3, 13), told(1, 14)))
                .containsExactly(COVERED, AS_READ, AS_TOLD, AS_READ);
    }

    @Test
    void timesAreUnsigned() {
        assertThat(fates(Long.MAX_VALUE, told(1, Long.MIN_VALUE))).containsExactly(AS_TOLD);
        assertThat(fates(Long.MIN_VALUE, told(1, Long.MAX_VALUE))).containsExactly(AS_READ);
    }

    @Test
    void readsEachDocumentOnce() {
        ReadingPlan plan = new ReadingPlan(List.of(untold(1, 1), untold(2, 2), untold(1, 3)), table -> 0);

        assertThat(plan.toRead().get(USERS)).containsOnlyKeys("1", "2");
    }
}

package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TableId;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.junit.jupiter.api.Test;

class EventReaderTest {

    private static final TableId USERS = new TableId("shop", "app", "users");
    private static final TableId ORDERS = new TableId("shop", "app", "orders");

    private final EventReader reader = new EventReader(List.of(USERS, ORDERS));

    private static RawBsonDocument event(String more) {
        String frame =
                "{_id: {_data: '8265F0000000000007'}, clusterTime: {$timestamp: {t: 1710227456, i: 7}}, " + more + "}";
        return new RawBsonDocument(BsonDocument.parse(frame), new BsonDocumentCodec());
    }

    @Test
    void eventsOfOneTransactionBearItsNameAndOthersTheirTime() {
        String change =
                "operationType: 'insert', ns: {db: 'app', coll: 'users'}, documentKey: {_id: 1}, fullDocument: {_id: 1}";
        StreamEvent.Changed inOne = (StreamEvent.Changed)
                reader.read(
                        event(
                                change
                                        + ", lsid: {id: {$binary: {base64: 'AAAAAAAAAAAAAAAAAAAAAQ==', subType: '04'}}}, txnNumber: {$numberLong: '9'}"));
        StreamEvent.Changed alone = (StreamEvent.Changed) reader.read(event(change));

        assertThat(inOne.transaction()).isEqualTo("00000000000000000000000000000001:9");
        assertThat(alone.transaction()).isEqualTo("1710227456.7");
        assertThat(alone.committedAtMicros()).isEqualTo(1_710_227_456_000_000L);
    }

    @Test
    void aShardKeyBesideTheIdIsNoPartOfTheKey() {
        StreamEvent.Changed changed = (StreamEvent.Changed)
                reader.read(
                        event(
                                "operationType: 'delete', ns: {db: 'app', coll: 'users'}, documentKey: {region: 'eu', _id: {$numberLong: '5'}}"));

        assertThat(changed.key()).isEqualTo("{\"$numberInt\": \"5\"}");
        assertThat(changed.deleted()).isTrue();
    }

    @Test
    void anUpdateWithoutItsImageLacksTheDocument() {
        StreamEvent.Changed changed = (StreamEvent.Changed) reader.read(event(
                "operationType: 'update', ns: {db: 'app', coll: 'users'}, documentKey: {_id: 1}, fullDocument: null"));

        assertThat(changed.lacksDocument()).isTrue();
    }

    @Test
    void whatEndsACollectionNamesIt() {
        assertThat(ended("operationType: 'drop', ns: {db: 'app', coll: 'users'}"))
                .containsExactly(USERS);
        assertThat(ended("operationType: 'rename', ns: {db: 'app', coll: 'users'}, to: {db: 'app', coll: 'orders'}"))
                .containsExactly(USERS, ORDERS);
        assertThat(ended("operationType: 'rename', ns: {db: 'app', coll: 'other'}, to: {db: 'app', coll: 'orders'}"))
                .containsExactly(ORDERS);
        assertThat(ended("operationType: 'dropDatabase', ns: {db: 'app'}")).containsExactlyInAnyOrder(USERS, ORDERS);
    }

    private List<TableId> ended(String event) {
        return ((StreamEvent.Ended) reader.read(event(event))).tables();
    }

    @Test
    void everythingElsePasses() {
        for (String event : List.of(
                "operationType: 'invalidate'",
                "operationType: 'insert', ns: {db: 'app', coll: 'others'}, documentKey: {_id: 1}",
                "operationType: 'drop', ns: {db: 'app', coll: 'others'}",
                "operationType: 'somethingNew', ns: {db: 'app', coll: 'users'}")) {
            assertThat(reader.read(event(event))).isInstanceOf(StreamEvent.Other.class);
        }
    }

    @Test
    void partsAreOneEventInTheirOrderAndBounded() {
        EventFragments fragments = new EventFragments("here");

        assertThat(fragments.add(event("splitEvent: {fragment: 1, of: 2}, a: {b: 1}")))
                .isNull();
        BsonDocument whole = fragments.add(event("splitEvent: {fragment: 2, of: 2}, c: 2"));

        assertThat(whole).containsKeys("a", "c").doesNotContainKey("splitEvent");
        assertThat(fragments.isEmpty()).isTrue();
        assertThatThrownBy(() -> fragments.add(event("splitEvent: {fragment: 2, of: 2}")))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> fragments.add(event("splitEvent: {fragment: 1, of: 1000}")))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("EVENT_TOO_LARGE");
    }

    @Test
    void aTokenTellsItsTimeAndAStrangeOneDoesNot() {
        assertThat(ClusterTime.ofToken(BsonDocument.parse("{_data: '8265F0000000000007002B022C'}")))
                .hasValue(0x65F0000000000007L);
        assertThat(ClusterTime.ofToken(BsonDocument.parse("{_data: '90ABC'}"))).isEmpty();
        assertThat(ClusterTime.ofToken(BsonDocument.parse("{x: 1}"))).isEmpty();
    }
}

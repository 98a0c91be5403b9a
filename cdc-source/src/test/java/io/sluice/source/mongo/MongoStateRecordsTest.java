package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

class MongoStateRecordsTest {

    private static final TableId USERS = new TableId("shop", "app", "users");

    private final MongoStateRecords records = new MongoStateRecords("p.sluice.shop", "shop");

    private static Map.Entry<byte[], byte[]> entry(ProducerRecord<byte[], byte[]> record) {
        return new AbstractMap.SimpleEntry<>(record.key(), record.value());
    }

    private static Map.Entry<byte[], byte[]> entry(String key, String value) {
        return new AbstractMap.SimpleEntry<>(
                key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everythingComesBackAsItWas() {
        MongoFacts facts = new MongoFacts(3, "rs0", null, List.of("app.users"), Map.of("t", "id"));
        MongoOffset offset = new MongoOffset(BsonDocument.parse("{_data: '82'}"), -5L, 7, 9);
        CollectionState.Load load = new CollectionState.Load("l", true, List.of("one"), "{\"$numberInt\": \"1\"}", 5);
        CollectionState loading = new CollectionState(
                        USERS, "abc", List.of(), List.of("old"), 0, 0, load, null, "request")
                .readAsOf(1L << 40);
        CollectionState halted = loading.halted(new CollectionState.Halted("CODE", "problem", "remedy", 3));

        MongoState first = records.state(Stream.of(
                        records.owner("me"), records.facts(facts), records.offset(offset), records.collection(loading))
                .map(MongoStateRecordsTest::entry)
                .toList());

        assertThat(first).isEqualTo(new MongoState("me", facts, offset, Map.of(USERS, loading)));
        assertThat(records.state(List.of(entry(records.collection(loading)), entry(records.collection(halted))))
                        .collections())
                .containsEntry(USERS, halted);
        assertThat(halted.former()).containsExactly("old", "one");
    }

    @Test
    void whatSomebodyElseWroteHaltsAndIsSalvagedForANewEpoch() {
        List<Map.Entry<byte[], byte[]>> written = List.of(
                entry(records.facts(new MongoFacts(3, "", "id", List.of(), Map.of()))), entry("[\"offset\"]", "{}"));

        assertThatThrownBy(() -> records.state(written))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("SOURCE_STATE_CORRUPT")
                .hasMessageContaining("--new-epoch shop");
        MongoStateRecords.Salvaged salvaged = records.salvaged(written);
        assertThat(salvaged.state().facts().epoch()).isEqualTo(3);
        assertThat(salvaged.unreadable()).hasSize(1);
        List<Map.Entry<byte[], byte[]>> mended = new ArrayList<>(written);
        salvaged.unreadable().forEach(key -> mended.add(new AbstractMap.SimpleEntry<>(key, null)));
        assertThat(records.state(mended).offset())
                .as("taken out, though the topic is not compacted yet")
                .isNull();
    }
}

package io.sluice.source.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap.SimpleEntry;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class StateRecordsTest {

    private final StateRecords records = new StateRecords("p.sluice.source.shop", "shop");

    @Test
    void everythingIsReadBackAsItWasWritten() {
        SourceFacts intent = new SourceFacts(2, "7123", 3, "slot", List.of("a", "b"), null, Map.of("topic", "uuid"));
        SourceFacts facts = intent.withConsistentPoint(-5);
        StoredOffset offset = new StoredOffset(Long.MIN_VALUE + 1, 42);
        TableId odd = new TableId("shop", "a\"b", "c.d");
        TableState plain = TableState.unread(odd, 2, 5, List.of("id\tINT32"))
                .withLoading(Loading.begun("a", List.of("s"), false, false, 10))
                .loaded(10, new TableState.Filter("1:2:", 99));
        TableState later = TableState.unread(new TableId("shop", "public", "x"), 2, 6, List.of("k"))
                .withLoading(Loading.begun("b", List.of("s", "t"), true, true, -1)
                        .read(new Loading.Chunk(0, "1:2:", 7), List.of("1", "a\tb"), List.of("9", "z"), 3)
                        .read(new Loading.Chunk(1, "1:3:", 8), List.of("9", "z"), List.of("9", "z"), 4))
                .withRequest("r");
        TableState halted = TableState.unread(new TableId("shop", "public", "y"), 2, 7, List.of("k"))
                .halted(new TableState.Halted("CODE", "what", "do", -3));

        SourceState state = records.state(List.of(
                entry(records.facts(intent)),
                entry(records.owner("me")),
                entry(records.facts(facts)),
                entry(records.offset(offset)),
                entry(records.table(plain)),
                entry(records.table(halted)),
                entry(records.table(later))));

        assertThat(state.owner()).isEqualTo("me");
        assertThat(state.facts()).isEqualTo(facts);
        assertThat(state.offset()).isEqualTo(offset);
        assertThat(state.tables())
                .containsOnly(
                        Map.entry(odd, plain), Map.entry(later.table(), later), Map.entry(halted.table(), halted));
        assertThat(records.state(List.of(entry(records.facts(intent)))).facts()).isEqualTo(intent);
    }

    /** A fourth field would make Debezium look for its place by itself. */
    @Test
    void theOffsetHasExactlyThreeFields() {
        assertThat(new String(records.debeziumOffset(new StoredOffset(7, 8)), StandardCharsets.UTF_8))
                .isEqualTo("{\"lsn\":7,\"lsn_commit\":7,\"ts_usec\":8}");
    }

    @Test
    void whatNobodyWroteHalts() {
        for (String[] each : new String[][] {
            {"nonsense", "{}"}, {"[\"offset\"]", "{\"lsn_commit\":\"x\"}"}, {"[\"facts\"]", "{}"}, {"[\"other\"]", "{}"}
        }) {
            assertThatThrownBy(() -> records.state(List.of(new SimpleEntry<>(
                            each[0].getBytes(StandardCharsets.UTF_8), each[1].getBytes(StandardCharsets.UTF_8)))))
                    .isInstanceOf(HaltException.class)
                    .hasMessageContaining("SOURCE_STATE_CORRUPT");
        }
    }

    private static Map.Entry<byte[], byte[]> entry(ProducerRecord<byte[], byte[]> record) {
        return new SimpleEntry<>(record.key(), record.value());
    }
}

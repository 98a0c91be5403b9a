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
        TableLoad plain = new TableLoad(odd, 5, List.of("s"), List.of("id\tINT32"), 10, null);
        TableLoad later = new TableLoad(
                new TableId("shop", "public", "x"), 6, List.of(), List.of("k"), 0, new TableLoad.Filter("1:2:", 99));

        SourceState state = records.state(List.of(
                entry(records.facts(intent)),
                entry(records.owner("me")),
                entry(records.facts(facts)),
                entry(records.offset(offset)),
                entry(records.load(plain)),
                entry(records.load(later))));

        assertThat(state.owner()).isEqualTo("me");
        assertThat(state.facts()).isEqualTo(facts);
        assertThat(state.offset()).isEqualTo(offset);
        assertThat(state.loads()).containsOnly(Map.entry(odd, plain), Map.entry(later.table(), later));
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

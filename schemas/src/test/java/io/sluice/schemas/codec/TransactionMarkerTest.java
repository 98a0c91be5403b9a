package io.sluice.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class TransactionMarkerTest {

    private static final TransactionMarker BEGIN =
            TransactionMarker.begin("4711", new Position(2, 0x16B3748L, 0), 1_700_000_000_000_000L);
    private static final TransactionMarker END = BEGIN.end(new Position(2, 0x16B3800L, 0), 12);

    private static Map<String, byte[]> written(TransactionMarker marker) {
        Map<String, byte[]> headers = new HashMap<>();
        marker.write(headers::put);
        return headers;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] header) {
        return new String(header, StandardCharsets.US_ASCII);
    }

    @Property
    void bothEndsSurvive(
            @ForAll @NotEmpty String transaction, @ForAll long boundary, @ForAll @LongRange(min = 1) long count)
            throws Exception {
        // Half of a surrogate pair is no text, and no database gives one.
        String name = new String(bytes(transaction), StandardCharsets.UTF_8);
        long changes = count % 1_000_000_000_000_000_000L;
        TransactionMarker begin = TransactionMarker.begin(name, new Position(1, boundary, 0), -1);
        TransactionMarker end = begin.end(new Position(1, boundary, 0), Math.max(1, changes));

        assertThat(TransactionMarker.read(written(begin)::get)).isEqualTo(begin);
        assertThat(TransactionMarker.read(written(end)::get)).isEqualTo(end);
    }

    @Test
    void itsHeadersArePlainText() {
        Map<String, byte[]> headers = written(END);

        assertThat(text(headers.get("sluice.op"))).isEqualTo("transaction-end");
        assertThat(text(headers.get("sluice.position"))).isEqualTo("2/16b3800/0");
        assertThat(text(headers.get("sluice.transaction"))).isEqualTo("4711");
        assertThat(text(headers.get("sluice.committed-at"))).isEqualTo("1700000000000000");
        assertThat(text(headers.get("sluice.count"))).isEqualTo("12");
        assertThat(text(written(BEGIN).get("sluice.op"))).isEqualTo("transaction-begin");
        assertThat(written(BEGIN)).doesNotContainKey("sluice.count");
    }

    @Test
    void nothingElseIsTakenForOneNorAMarkerForSomethingElse() throws Exception {
        Map<String, byte[]> load = new HashMap<>();
        LoadMarker.begin(new TableId("a", "b", "c"), "1", true, BEGIN.position())
                .write(load::put);
        assertThat(TransactionMarker.read(load::get)).isNull();
        Map<String, byte[]> change = new HashMap<>();
        new RecordHeaders(
                        Operation.TRUNCATE,
                        new Provenance(BEGIN.position(), 1, "1", Provenance.Kind.STREAM),
                        null,
                        List.of())
                .write(change::put);
        assertThat(TransactionMarker.read(change::get)).isNull();
        assertThat(TransactionMarker.read(name -> null)).isNull();

        assertThat(LoadMarker.read(written(END)::get)).isNull();
        assertThatThrownBy(() -> RecordHeaders.read(written(END)::get)).isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void whatIsMissingOrMisspeltIsReported() {
        for (String name : written(END).keySet()) {
            if (name.equals("sluice.op")) {
                continue;
            }
            Map<String, byte[]> missing = written(END);
            missing.remove(name);
            assertThatThrownBy(() -> TransactionMarker.read(missing::get))
                    .as(name)
                    .isInstanceOf(MalformedRecordException.class);
        }
        for (String wrong : List.of("", "0", "-1", "+1", "1.0", "9999999999999999999", "x")) {
            Map<String, byte[]> misspelt = written(END);
            misspelt.put("sluice.count", bytes(wrong));
            assertThatThrownBy(() -> TransactionMarker.read(misspelt::get))
                    .as(wrong)
                    .isInstanceOf(MalformedRecordException.class);
        }
    }

    @Test
    void aCountBelongsToAnEndAlone() {
        assertThatThrownBy(() -> BEGIN.end(BEGIN.position(), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> END.end(BEGIN.position(), 1)).isInstanceOf(IllegalStateException.class);
    }
}

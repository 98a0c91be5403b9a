package io.sluice.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class LoadMarkerTest {

    private static final TableId TABLE = new TableId("mono-lith", "public", "Odd.Table");
    private static final Position POSITION = new Position(2, 0x16B3748L, 0);

    private static Map<String, byte[]> written(LoadMarker marker) {
        Map<String, byte[]> headers = new HashMap<>();
        marker.write(headers::put);
        return headers;
    }

    private static String text(byte[] header) {
        return new String(header, StandardCharsets.US_ASCII);
    }

    @Test
    void itSurvivesInAChangeTopicAndInARowTopic() throws Exception {
        LoadMarker begin = LoadMarker.begin(TABLE, "2.17", true, POSITION);
        LoadMarker end = LoadMarker.end(TABLE, "2.17", false, POSITION)
                .passedOn(new Origin("p.s.changes.m.public.t", 4, 77, 0), 6);

        assertThat(LoadMarker.read(written(begin)::get)).isEqualTo(begin);
        assertThat(LoadMarker.read(written(end)::get)).isEqualTo(end);
    }

    @Test
    void itsHeadersArePlainText() {
        Map<String, byte[]> headers =
                written(LoadMarker.begin(TABLE, "2.17", true, POSITION).passedOn(new Origin("changes", 4, 77, 0), 6));

        assertThat(text(headers.get("sluice.op"))).isEqualTo("load-begin");
        assertThat(text(headers.get("sluice.position"))).isEqualTo("2/16b3748/0");
        assertThat(text(headers.get("sluice.table"))).isEqualTo("mono_x2d_lith.public.Odd_x2e_Table");
        assertThat(text(headers.get("sluice.load"))).isEqualTo("2.17");
        assertThat(text(headers.get("sluice.sweep"))).isEqualTo("true");
        assertThat(text(headers.get("sluice.origin"))).isEqualTo("changes/4/77/0");
        assertThat(text(headers.get("sluice.partitions"))).isEqualTo("6");
    }

    @Test
    void whatIsNoMarkerIsNotTakenForOneNorAMarkerForAChange() throws Exception {
        Map<String, byte[]> change = new HashMap<>(written(LoadMarker.begin(TABLE, "1.1", true, POSITION)));
        change.put("sluice.committed-at", "1".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> RecordHeaders.read(change::get)).isInstanceOf(MalformedRecordException.class);
        for (Operation operation : Operation.values()) {
            change.put("sluice.op", operation.text().getBytes(StandardCharsets.US_ASCII));
            assertThat(LoadMarker.read(change::get)).isNull();
        }
        assertThat(LoadMarker.read(name -> null)).isNull();
    }

    @Test
    void whatIsMissingOrMisspeltIsReported() {
        Map<String, byte[]> whole =
                written(LoadMarker.end(TABLE, "1.1", true, POSITION).passedOn(new Origin("changes", 0, 1, 0), 1));
        for (String name : whole.keySet()) {
            if (name.equals("sluice.op")) {
                continue;
            }
            Map<String, byte[]> misspelt = new HashMap<>(whole);
            misspelt.put(name, "\0/x".getBytes(StandardCharsets.US_ASCII));
            if (!name.equals("sluice.sweep")) {
                assertThatThrownBy(() -> LoadMarker.read(misspelt::get))
                        .as(name)
                        .isInstanceOf(MalformedRecordException.class);
            }
            Map<String, byte[]> missing = new HashMap<>(whole);
            missing.remove(name);
            if (!name.equals("sluice.sweep") && !name.equals("sluice.origin")) {
                assertThatThrownBy(() -> LoadMarker.read(missing::get))
                        .as(name)
                        .isInstanceOf(MalformedRecordException.class);
            }
        }
    }

    @Test
    void aLoadIsNamedInPrintableAscii() {
        for (String name : new String[] {"", "with space", "x".repeat(101), "ü"}) {
            assertThatThrownBy(() -> LoadMarker.begin(TABLE, name, true, POSITION))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Property
    void everyTableNameSurvives(@ForAll @NotEmpty String schema, @ForAll @NotEmpty String table) throws Exception {
        LoadMarker marker = LoadMarker.begin(new TableId("m", schema, table), "1.1", false, POSITION);
        assertThat(LoadMarker.read(written(marker)::get)).isEqualTo(marker);
    }
}

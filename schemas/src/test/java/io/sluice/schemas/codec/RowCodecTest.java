package io.sluice.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;

class RowCodecTest {

    private static final Column ID = new Column("id", new Numeric(10, 2), "numeric(10,2)", false);
    private static final Column NAME = new Column("name", Simple.TEXT, "text", false);
    private static final Column NOTE = new Column("note", Simple.TEXT, "text", true);
    private static final RowSchema SCHEMA = new RowSchema("trades", List.of(ID, NAME), List.of("id"));

    private static Schema record(Column... columns) {
        return RowSchemas.record(new RowSchema("trades", List.of(columns), List.of("id")), "sluice.engine");
    }

    private static boolean canRead(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }

    @Test
    void aColumnMayComeAndGoInBothDirections() {
        Schema narrow = record(ID, NAME);
        Schema wide = record(ID, NAME, NOTE);
        assertThat(canRead(wide, narrow)).isTrue();
        assertThat(canRead(narrow, wide)).isTrue();
    }

    @Test
    void aWiderDecimalIsCompatibleAndAnotherTypeIsNot() {
        Column wider = new Column("name", new Numeric(20, 9), "numeric(20,9)", false);
        Column narrower = new Column("name", new Numeric(10, 4), "numeric(10,4)", false);
        Column number = new Column("name", Simple.INT64, "bigint", false);
        assertThat(canRead(record(ID, wider), record(ID, narrower))).isTrue();
        assertThat(canRead(record(ID, number), record(ID, narrower))).isFalse();
    }

    @Test
    void keysThatTheDatabaseHoldsToBeEqualAreTheSameBytes() {
        KeyEncoder encoder = new KeyEncoder(SCHEMA.keySchema(), "sluice.engine", 5);
        assertThat(encoder.encode(key("100.00")))
                .isEqualTo(encoder.encode(key("1e2")))
                .isEqualTo(encoder.encode(key("100")))
                .isNotEqualTo(encoder.encode(key("100.01")));
    }

    private static Key key(String number) {
        return new Key(SCHEMA.keySchema(), new Object[] {new BigDecimal(number)});
    }

    @Test
    void keysSurvive() throws Exception {
        Schema written = new Schema.Parser()
                .parse(RowSchemas.keyRecord(SCHEMA.keySchema(), "sluice.engine").toString());
        byte[] record = new KeyEncoder(SCHEMA.keySchema(), "sluice.engine", 5).encode(key("1.10"));
        assertThat(new KeyDecoder(written).decode(record)).isEqualTo(key("1.1"));
    }

    @Test
    void aPartialRowSurvivesWithItsHeaders() throws Exception {
        Row partial = new Row(SCHEMA, new Object[] {BigDecimal.ONE, Unchanged.UNCHANGED});
        RecordHeaders headers = new RecordHeaders(
                Operation.UPSERT,
                new Provenance(new Position(2, 0x16B3748L, 9), -5, "te/st", Provenance.Kind.SNAPSHOT),
                new Origin("p.s.changes.m.public.t", 4, 77, 1),
                RecordHeaders.unchangedColumns(partial));
        Map<String, byte[]> sent = new HashMap<>();
        headers.write(sent::put);
        RecordHeaders received = RecordHeaders.read(sent::get);
        byte[] record = new RowEncoder(SCHEMA, "sluice.engine", 5).encode(partial);

        assertThat(received).isEqualTo(headers);
        assertThat(new String(sent.get(RecordHeaders.POSITION), StandardCharsets.US_ASCII))
                .isEqualTo("2/16b3748/9");
        assertThat(new RowDecoder(record(ID, NAME)).decode(record, received.unchanged()))
                .isEqualTo(partial);
    }

    @Test
    void missingOrMisspeltHeadersAreReported() {
        assertThatThrownBy(() -> RecordHeaders.read(name -> null)).isInstanceOf(MalformedRecordException.class);
        assertThatThrownBy(() -> RecordHeaders.read(name -> new byte[] {'x', '/', '/', 0}))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Property
    void everyIdentifierHasAnAvroNameOfItsOwn(@ForAll @NotEmpty String identifier) {
        String name = AvroNames.name(identifier);
        assertThat(name).matches("[A-Za-z_][A-Za-z0-9_]*");
        assertThat(AvroNames.identifier(name)).isEqualTo(identifier);
    }

    @Test
    void namesThatLookEscapedStayApart() {
        List<String> names = new ArrayList<>();
        for (String identifier : List.of("a b", "a_x20_b", "a_x5f_x20_b", "_x", "__x", "9", "_x39_")) {
            names.add(AvroNames.name(identifier));
            assertThat(AvroNames.identifier(names.get(names.size() - 1))).isEqualTo(identifier);
        }
        assertThat(names).doesNotHaveDuplicates();
    }
}

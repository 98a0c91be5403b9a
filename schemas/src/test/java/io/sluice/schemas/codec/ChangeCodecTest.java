package io.sluice.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.Temporals;
import io.sluice.schemas.model.Unchanged;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

class ChangeCodecTest {

    private static final TableId TABLE = new TableId("monolith", "public", "Odd table");
    private static final RowSchema SCHEMA = schema(
            column("id", Simple.INT64, false),
            column("small", Simple.INT16, true),
            column("int", Simple.INT32, true),
            column("flag", Simple.BOOLEAN, true),
            column("real", Simple.FLOAT32, true),
            column("double", Simple.FLOAT64, true),
            column("weird näme", Simple.TEXT, true),
            column("bytes", Simple.BYTES, true),
            column("uuid", Simple.UUID, true),
            column("day", Simple.DATE, true),
            column("time", Simple.TIME, true),
            column("local", Simple.TIMESTAMP, true),
            column("instant", Simple.TIMESTAMPTZ, true),
            column("doc", Simple.JSON, true),
            column("document", Simple.DOCUMENT, true),
            column("price", new Numeric(18, 6), true),
            column("any", Numeric.UNBOUNDED, true),
            column("tags", new LogicalType.Array(Simple.TEXT), true),
            column("address", new LogicalType.Native("inet"), true));
    private static final Provenance PROVENANCE = new Provenance(
            new Position(3, 0xF00D_0000_0000L, 17), 1_700_000_000_000_001L, "742", Provenance.Kind.STREAM);

    private static Column column(String name, LogicalType type, boolean nullable) {
        return new Column(name, type, "declared " + name, nullable);
    }

    private static RowSchema schema(Column... columns) {
        return new RowSchema("Odd table", List.of(columns), List.of("id"));
    }

    private static Row full() {
        return new Row(SCHEMA, new Object[] {
            Long.MIN_VALUE,
            -32768,
            Integer.MAX_VALUE,
            true,
            Float.NaN,
            -0.0,
            "tab\t, emoji \uD83D\uDE00, \uFFFD and ''",
            Bytes.wrap(new byte[] {0, -1, 127}),
            UUID.fromString("00000000-0000-0000-0000-000000000001"),
            Temporals.DATE_INFINITY,
            86_400_000_000L,
            Temporals.TIMESTAMP_NEGATIVE_INFINITY,
            Temporals.TIMESTAMP_INFINITY,
            "{\"a\": 1}",
            "{\"a\": {\"$numberInt\": \"1\"}}",
            new BigDecimal("1.500000"),
            NumericSpecial.NEGATIVE_INFINITY,
            Arrays.asList("a", null, ""),
            "10.0.0.0/8"
        });
    }

    private static Row empty(Object fill) {
        Object[] values = new Object[SCHEMA.size()];
        Arrays.fill(values, fill);
        values[0] = 1L;
        return new Row(SCHEMA, values);
    }

    private static Key keyOf(Row row) {
        return row.key(SCHEMA.keySchema());
    }

    private static Change roundTrip(Change change, Key key) throws MalformedRecordException {
        byte[] record = new ChangeEncoder(TABLE, SCHEMA, 7).encode(change);
        assertThat(Wire.schemaId(record)).isEqualTo(7);
        return new ChangeDecoder(reparsed()).decode(record, key);
    }

    /** As it comes back from a registry: only what the JSON says survives. */
    private static Schema reparsed() {
        return new Schema.Parser().parse(ChangeSchemas.value(TABLE, SCHEMA).toString());
    }

    @Test
    void everyTypeSurvivesInBeforeAndAfter() throws Exception {
        Change change = new Change.Upserted(TABLE, keyOf(full()), full(), empty(null), PROVENANCE);
        assertThat(roundTrip(change, keyOf(full()))).isEqualTo(change);
    }

    @Test
    void unchangedIsNeitherNullNorLost() throws Exception {
        Row after = empty(Unchanged.UNCHANGED);
        Change change = new Change.Upserted(TABLE, keyOf(after), after, null, PROVENANCE);
        assertThat(roundTrip(change, keyOf(after))).isEqualTo(change);
    }

    @Test
    void deletesAndTruncatesSurvive() throws Exception {
        Change deleted = new Change.Deleted(TABLE, keyOf(full()), full(), PROVENANCE);
        Provenance read = new Provenance(new Position(1, -1, 0), 0, null, Provenance.Kind.SNAPSHOT);
        Change truncated = new Change.Truncated(TABLE, read);
        assertThat(roundTrip(deleted, keyOf(full()))).isEqualTo(deleted);
        assertThat(roundTrip(truncated, null)).isEqualTo(truncated);
    }

    @Test
    void tablesOfTwoSchemasNeverShareARecordName() {
        TableId dash = new TableId("mono-lith", "a-b", "items");
        TableId line = new TableId("mono-lith", "a_b", "items");
        assertThat(ChangeSchemas.key(dash, SCHEMA).getFullName())
                .isNotEqualTo(ChangeSchemas.key(line, SCHEMA).getFullName());
        assertThat(ChangeSchemas.value(dash, SCHEMA).getFullName())
                .isNotEqualTo(ChangeSchemas.value(line, SCHEMA).getFullName());
    }

    @Test
    void theSchemaAloneTellsTableColumnsAndDeclaredTypes() throws Exception {
        ChangeDecoder decoder = new ChangeDecoder(reparsed());
        assertThat(decoder.table()).isEqualTo(TABLE);
        assertThat(decoder.schema()).isEqualTo(SCHEMA);
    }

    @Test
    void anyAvroReaderReadsIt() throws Exception {
        Change change = new Change.Upserted(TABLE, keyOf(full()), full(), null, PROVENANCE);
        byte[] record = new ChangeEncoder(TABLE, SCHEMA, 7).encode(change);
        GenericRecord read = new GenericDatumReader<GenericRecord>(reparsed())
                .read(null, DecoderFactory.get().binaryDecoder(record, 5, record.length - 5, null));
        GenericRecord after = (GenericRecord) read.get("after");
        assertThat(read.get("op")).hasToString("upsert");
        assertThat(after.get("id")).isEqualTo(Long.MIN_VALUE);
        assertThat(after.get("price")).hasToString("1.500000");
        assertThat(after.get("weird_x20_n_xe4_me")).hasToString("tab\t, emoji \uD83D\uDE00, \uFFFD and ''");
    }

    @Test
    void everyTruncationAndEveryDamagedByteIsReportedOrHarmless() throws Exception {
        byte[] record = new ChangeEncoder(TABLE, SCHEMA, 7)
                .encode(new Change.Upserted(TABLE, keyOf(full()), full(), null, PROVENANCE));
        ChangeDecoder decoder = new ChangeDecoder(reparsed());
        for (int length = 5; length < record.length; length++) {
            byte[] cut = Arrays.copyOf(record, length);
            assertThatThrownBy(() -> decoder.decode(cut, keyOf(full()))).isInstanceOf(MalformedRecordException.class);
        }
        assertThatThrownBy(() -> decoder.decode(Arrays.copyOf(record, record.length + 1), keyOf(full())))
                .isInstanceOf(MalformedRecordException.class);
        List<Throwable> others = new ArrayList<>();
        for (int i = 5; i < record.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = record.clone();
                damaged[i] ^= (byte) (1 << bit);
                try {
                    decoder.decode(damaged, keyOf(full()));
                } catch (MalformedRecordException expected) {
                    // what a reader is to get
                } catch (RuntimeException | Error e) {
                    others.add(e);
                }
            }
        }
        assertThat(others).isEmpty();
    }

    @Test
    void aRecordOfSomebodyElseIsRefused() {
        assertThatThrownBy(() -> new ChangeDecoder(Schema.create(Schema.Type.STRING)))
                .isInstanceOf(MalformedRecordException.class);
        assertThatThrownBy(() -> Wire.schemaId(new byte[] {1, 0, 0, 0, 1}))
                .isInstanceOf(MalformedRecordException.class);
        assertThatThrownBy(() -> Wire.schemaId(new byte[] {0, 0})).isInstanceOf(MalformedRecordException.class);
    }
}

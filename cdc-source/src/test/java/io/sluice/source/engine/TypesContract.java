package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.codec.Wire;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.topic.Names;
import io.sluice.source.types.Carriers;
import io.sluice.source.types.TypeCases;
import io.sluice.source.types.TypeCases.Refused;
import io.sluice.source.types.TypeCases.TypeCase;
import io.sluice.source.types.TypeCases.Value;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every type at its limits, through the first load and through the log: inserted, updated and deleted.
 *
 * <p>One table with a column for each type. Row 0 and its followers were there before the start; row {@value #STREAMED} and its
 * followers were inserted after it, then each took the values of its neighbour, then all were deleted. Down the rows a column
 * has each of its values and null, over and over.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TypesContract {

    private static final int STREAMED = 1000;

    private final TypeCases cases = TypeCases.postgresql();
    private PostgresServer server;
    private int version;
    private Capture capture;
    private int rows;
    private List<ConsumerRecord<byte[], byte[]>> records;
    private final Map<Integer, List<Change>> byId = new TreeMap<>();

    abstract PostgresServer server();

    @BeforeAll
    void captureAllOfThem() throws Exception {
        server = server();
        capture = new Capture("types", server);
        version = capture.sql.getMetaData().getDatabaseMajorVersion();
        capture.execute(cases.setup().toArray(String[]::new));
        StringBuilder columns = new StringBuilder("id int PRIMARY KEY");
        StringBuilder moved = new StringBuilder();
        for (TypeCase type : cases.of(version)) {
            capture.execute(type.setup().toArray(String[]::new));
            String column = column(type);
            columns.append(", ").append(column).append(' ').append(type.type());
            moved.append(moved.isEmpty() ? "" : ", ")
                    .append(column)
                    .append(" = o.")
                    .append(column);
            rows = Math.max(rows, 1 + type.valuesOf(version).size());
        }
        capture.execute("CREATE TABLE types (" + columns + ")", "ALTER TABLE types REPLICA IDENTITY FULL");
        insert(0);
        PostgresSource source = capture.reading("types").start();
        Capture.awaitStreaming(source);
        insert(STREAMED);
        capture.execute(
                "UPDATE types t SET " + moved + " FROM types o WHERE t.id >= " + STREAMED + " AND o.id = (t.id + 1 - "
                        + STREAMED + ") % " + rows,
                "DELETE FROM types WHERE id >= " + STREAMED);
        capture.awaitCaughtUp(source);
        source.close();
        records = capture.records(new Names(capture.pipelineName).changes("orders", Capture.id("types")));
        capture.decoded(records).forEach(change -> byId.computeIfAbsent(id(change), id -> new ArrayList<>())
                .add(change));
    }

    @AfterAll
    void close() throws Exception {
        if (capture != null) {
            capture.close();
        }
        if (server != PostgresServer.shared()) {
            server.close();
        }
    }

    private String column(TypeCase type) {
        return "v" + cases.of(version).indexOf(type);
    }

    private void insert(int from) throws SQLException {
        for (int row = 0; row < rows; row++) {
            StringBuilder values = new StringBuilder(String.valueOf(from + row));
            for (TypeCase type : cases.of(version)) {
                Value value = value(type, row);
                values.append(", ").append(value == null ? "NULL" : value.sql());
            }
            capture.execute("INSERT INTO types VALUES (" + values + ")");
        }
    }

    private Value value(TypeCase type, int row) {
        List<Value> values = type.valuesOf(version);
        int place = row % rows % (values.size() + 1);
        return place == values.size() ? null : values.get(place);
    }

    Stream<TypeCase> types() {
        return cases.of(version).stream();
    }

    @ParameterizedTest
    @MethodSource("types")
    void aValueIsItselfFromTheFirstLoadAndFromTheLog(TypeCase type) {
        String column = column(type);
        assertThat(byId).hasSize(2 * rows);
        for (int i = 0; i < rows; i++) {
            String what = "row " + i + ", ";
            Change.Upserted loaded = (Change.Upserted) only(byId.get(i));
            Column described =
                    loaded.after().schema().column(loaded.after().schema().indexOf(column));
            assertThat(Carriers.name(described.type())).isEqualTo(type.logical());
            assertThat(described.declared()).isEqualTo(type.declared());
            Object is = carrier(described, value(type, i));
            Object next = carrier(described, value(type, i + 1));

            assertThat(loaded.provenance().kind()).isEqualTo(Provenance.Kind.SNAPSHOT);
            assertThat(loaded.after().value(column)).as(what + "loaded").isEqualTo(is);

            List<Change> streamed = byId.get(STREAMED + i);
            assertThat(streamed)
                    .as(what)
                    .hasSize(3)
                    .allMatch(each -> each.provenance().kind() == Provenance.Kind.STREAM);
            Change.Upserted inserted = (Change.Upserted) streamed.get(0);
            assertThat(inserted.after().schema()).isEqualTo(loaded.after().schema());
            assertThat(inserted.after().value(column)).as(what + "inserted").isEqualTo(is);
            assertThat(inserted.before()).isNull();
            Change.Upserted updated = (Change.Upserted) streamed.get(1);
            assertThat(updated.after().value(column)).as(what + "updated").isEqualTo(next);
            assertThat(Objects.requireNonNull(updated.before()).value(column))
                    .as(what + "before its update")
                    .isEqualTo(is);
            Change.Deleted deleted = (Change.Deleted) streamed.get(2);
            assertThat(Objects.requireNonNull(deleted.before()).value(column))
                    .as(what + "before its deletion")
                    .isEqualTo(next);
        }
    }

    private static Object carrier(Column column, Value value) {
        return value == null ? null : Carriers.read(column.type(), value.is());
    }

    private static Integer id(Change change) {
        return (Integer)
                (change instanceof Change.Upserted upserted ? upserted.key() : ((Change.Deleted) change).key()).part(0);
    }

    private static Change only(List<Change> changes) {
        assertThat(changes).hasSize(1);
        return changes.get(0);
    }

    /** As any consumer reads it that has Avro's library and the registry, and nothing of ours. */
    @ParameterizedTest
    @MethodSource("types")
    void avrosOwnReaderFindsTheSameValue(TypeCase type) throws Exception {
        int found = 0;
        for (ConsumerRecord<byte[], byte[]> each : records) {
            GenericRecord change = each.value() == null ? null : generic(each.value());
            if (change != null && change.get("after") instanceof GenericRecord after) {
                Schema.Field field = after.getSchema().getField(column(type));
                assertThat(Carriers.name(field.schema())).isEqualTo(type.avro());
                boolean updated = change.get("before") != null;
                Value value = value(type, (Integer) after.get("id") % STREAMED + (updated ? 1 : 0));
                assertThat(after.get(field.name()))
                        .as(change.get("source").toString())
                        .isEqualTo(value == null ? null : Carriers.avro(logical(type), value.is()));
                found++;
            }
        }
        assertThat(found).isEqualTo(3 * rows);
    }

    private LogicalType logical(TypeCase type) {
        RowSchema schema = ((Change.Upserted) only(byId.get(0))).after().schema();
        return schema.column(schema.indexOf(column(type))).type();
    }

    private GenericRecord generic(byte[] record) throws Exception {
        Schema schema = capture.schemas.byId(Wire.schemaId(record));
        return new GenericDatumReader<GenericRecord>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(record, 5, record.length - 5, null));
    }

    Stream<Refused> refused() {
        return cases.refused().stream().filter(each -> version <= each.until());
    }

    @Test
    void inTheFirstLoadItHaltsItsTableAlone() throws Exception {
        try (Capture halting = lossy("timestamptz", "'294247-01-10 04:00:54.775807+00'", true)) {
            PostgresSource source = halting.reading("lossy", "other").start();

            assertNamed(Capture.awaitTableHalt(source, "lossy"));
            halting.execute("INSERT INTO other VALUES (1)");
            halting.awaitCaughtUp(source);
            assertThat(halting.changes("other")).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatACarrierCanNotHoldHaltsItsTableAloneAndNamesTheColumn(Refused value) throws Exception {
        try (Capture halting = lossy(value.type(), value.sql(), false)) {
            PostgresSource source = halting.reading("lossy", "other").start();
            Capture.awaitStreaming(source);
            halting.execute("INSERT INTO lossy VALUES (1, " + value.sql() + ")");

            assertNamed(Capture.awaitTableHalt(source, "lossy"));
            halting.execute("INSERT INTO other VALUES (1)");
            halting.awaitCaughtUp(source);
            assertThat(halting.changes("other")).hasSize(1);
            assertThat(halting.changes("lossy")).isEmpty();
        }
    }

    private Capture lossy(String type, String value, boolean filled) throws SQLException {
        Capture lossy = new Capture("lossy", server);
        lossy.execute(
                "CREATE TABLE lossy (id int PRIMARY KEY, v " + type + ")", "CREATE TABLE other (id int PRIMARY KEY)");
        if (filled) {
            lossy.execute("INSERT INTO lossy VALUES (1, " + value + ")");
        }
        return lossy;
    }

    private static void assertNamed(SluiceException halt) {
        assertThat(halt.getMessage())
                .contains("VALUE_NOT_REPRESENTABLE", "column v", "shop.public.lossy")
                .doesNotContain("04:00:54");
    }
}

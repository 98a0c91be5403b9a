package io.sluice.platform.registry;

import static io.sluice.platform.registry.SchemaRegistryContract.ID_ONLY;
import static io.sluice.platform.registry.SchemaRegistryContract.WITH_OPTIONAL;
import static io.sluice.platform.registry.SchemaRegistryContract.WITH_REQUIRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.schemas.codec.RowDecoder;
import io.sluice.schemas.codec.RowEncoder;
import io.sluice.schemas.codec.RowSchemas;
import io.sluice.schemas.codec.Wire;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.Config;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericData;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumReader;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumWriter;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericRecord;
import org.apache.flink.avro.shaded.org.apache.avro.io.BinaryEncoder;
import org.apache.flink.avro.shaded.org.apache.avro.io.DecoderFactory;
import org.apache.flink.avro.shaded.org.apache.avro.io.EncoderFactory;
import org.apache.flink.formats.avro.registry.confluent.ConfluentSchemaRegistryCoder;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Confluent's own client beside ours at one registry: each understands what the other has written. */
class GenuineConfluentClientIT {

    private LocalRegistry registry;
    private CachedSchemaRegistryClient genuine;
    private SchemaRegistryClient ours;

    @BeforeEach
    void start() throws IOException {
        registry = LocalRegistry.startTemporary();
        genuine = genuineClient();
        ours = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
    }

    @AfterEach
    void stop() throws IOException {
        ours.close();
        genuine.close();
        registry.close();
    }

    private CachedSchemaRegistryClient genuineClient() {
        return new CachedSchemaRegistryClient(registry.url(), 100);
    }

    private static AvroSchema genuine(Schema schema) {
        return new AvroSchema(schema.toString());
    }

    private static void fails(ThrowingCallable call, int status, int errorCode) {
        assertThatThrownBy(call).isInstanceOfSatisfying(RestClientException.class, e -> {
            assertThat(e.getStatus()).isEqualTo(status);
            assertThat(e.getErrorCode()).isEqualTo(errorCode);
        });
    }

    @Test
    void whatOursRegistersTheGenuineOneFinds() throws Exception {
        int id = ours.register("s", ID_ONLY);
        int second = ours.register("s", WITH_OPTIONAL);

        assertThat(genuine.getSchemaById(id)).isEqualTo(genuine(ID_ONLY));
        assertThat(genuine.getId("s", genuine(ID_ONLY))).isEqualTo(id);
        assertThat(genuine.getVersion("s", genuine(WITH_OPTIONAL))).isEqualTo(2);
        SchemaMetadata latest = genuine.getLatestSchemaMetadata("s");
        assertThat(latest.getId()).isEqualTo(second);
        assertThat(latest.getVersion()).isEqualTo(2);
        assertThat(new Schema.Parser().parse(latest.getSchema())).isEqualTo(WITH_OPTIONAL);
        assertThat(genuine.getAllVersions("s")).containsExactly(1, 2);
        assertThat(genuine.getAllSubjects()).containsExactly("s");
        assertThat(genuine.getAllSubjectsById(id)).containsExactly("s");
        assertThat(genuine.getAllVersionsById(id)).hasSize(1);
        assertThat(genuine.getSchemas("s", false, true)).containsExactly(genuine(WITH_OPTIONAL));
    }

    @Test
    void whatTheGenuineOneRegistersOursFinds() throws Exception {
        int id = genuine.register("s", genuine(ID_ONLY));

        assertThat(ours.byId(id)).isEqualTo(ID_ONLY);
        assertThat(ours.register("s", ID_ONLY)).isEqualTo(id);
        assertThat(ours.lookUp("s", ID_ONLY).orElseThrow().id()).isEqualTo(id);
        assertThat(ours.latest("s").orElseThrow().version()).isEqualTo(1);
        assertThat(genuine.registerWithResponse("s", genuine(WITH_OPTIONAL), false)
                        .getId())
                .isEqualTo(ours.register("s", WITH_OPTIONAL));
        assertThat(genuine.register("t", genuine(ID_ONLY), true))
                .as("normalized")
                .isPositive();
    }

    @Test
    void bothAgreeOnCompatibilityAndItsLevels() throws Exception {
        ours.register("s", ID_ONLY);

        assertThat(genuine.testCompatibility("s", genuine(WITH_OPTIONAL))).isTrue();
        assertThat(genuine.testCompatibility("s", genuine(WITH_REQUIRED))).isFalse();
        assertThat(genuine.testCompatibilityVerbose("s", genuine(WITH_REQUIRED)))
                .isEqualTo(ours.checkCompatibility("s", WITH_REQUIRED).objections())
                .isNotEmpty();
        fails(() -> genuine.register("s", genuine(WITH_REQUIRED)), 409, 409);

        genuine.updateConfig("s", new Config("NONE"));
        assertThat(ours.level("s")).isEqualTo(CompatibilityLevel.NONE);
        ours.setLevel("s", CompatibilityLevel.FULL_TRANSITIVE);
        assertThat(genuine.getConfig("s").getCompatibilityLevel()).isEqualTo("FULL_TRANSITIVE");
        ours.setLevel(CompatibilityLevel.FORWARD);
        assertThat(genuine.getConfig(null).getCompatibilityLevel()).isEqualTo("FORWARD");
        genuine.deleteConfig("s");
        assertThat(ours.level("s")).isEqualTo(CompatibilityLevel.FORWARD);
    }

    @Test
    void theGenuineOneUnderstandsEveryErrorDeletionAndMode() throws Exception {
        ours.register("s", ID_ONLY);

        fails(() -> genuine.getSchemaById(99), 404, 40403);
        fails(() -> genuine.getLatestSchemaMetadata("t"), 404, 40401);
        fails(() -> genuine.getSchemaMetadata("s", 9), 404, 40402);
        fails(() -> genuine.getId("s", genuine(WITH_OPTIONAL)), 404, 40403);
        fails(() -> genuine.getConfig("s"), 404, 40408);
        fails(() -> genuine.updateConfig("s", new Config("SIDEWAYS")), 422, 42203);
        fails(() -> genuine.setMode("SIDEWAYS"), 422, 42204);
        assertThat(genuine.getMode()).isEqualTo("READWRITE");
        genuine.setMode("READONLY", "s");
        fails(() -> genuine.register("s", genuine(WITH_OPTIONAL)), 422, 42205);
        genuine.deleteMode("s");
        assertThat(genuine.deleteSchemaVersion(Map.of(), "s", "1", false)).isEqualTo(1);
        assertThat(genuine.deleteSchemaVersion(Map.of(), "s", "1", true)).isEqualTo(1);
        ours.register("t", WITH_OPTIONAL);
        assertThat(genuine.deleteSubject("t", false)).containsExactly(1);
        assertThat(genuine.deleteSubject("t", true)).containsExactly(1);
        assertThat(genuine.getAllSubjects(true)).isEmpty();
    }

    @Test
    void aSchemaImportedWithItsIdKeepsIt() throws Exception {
        genuine.setMode("IMPORT", "s");

        assertThat(genuine.register("s", genuine(ID_ONLY), 3, 77)).isEqualTo(77);

        assertThat(ours.byId(77)).isEqualTo(ID_ONLY);
        assertThat(ours.latest("s").orElseThrow().version()).isEqualTo(3);
    }

    @Test
    void rowsThatWeEncodeTheGenuineDeserializerReads() throws Exception {
        RowSchema orders = orders();
        Schema schema = RowSchemas.record(orders, "shop");
        int id = ours.register("orders-value", schema);
        byte[] record = new RowEncoder(orders, "shop", id).encode(new Row(orders, new Object[] {42L, "grün", null}));

        ByteArrayInputStream in = new ByteArrayInputStream(record);
        org.apache.flink.avro.shaded.org.apache.avro.Schema writer =
                new ConfluentSchemaRegistryCoder(genuineClient()).readSchema(in);
        GenericRecord read = new GenericDatumReader<GenericRecord>(writer)
                .read(null, DecoderFactory.get().binaryDecoder(in, null));

        assertThat(read.get("id")).isEqualTo(42L);
        assertThat(read.get("colour")).hasToString("grün");
        assertThat(read.get("weight")).isNull();
        assertThat(in.available()).as("nothing left over").isZero();
    }

    @Test
    void rowsThatTheGenuineSerializerEncodesWeRead() throws Exception {
        RowSchema orders = orders();
        org.apache.flink.avro.shaded.org.apache.avro.Schema schema =
                new AvroSchema(RowSchemas.record(orders, "shop").toString()).rawSchema();
        GenericRecord row = new GenericData.Record(schema);
        row.put("id", 43L);
        row.put("colour", "rot");
        row.put("weight", 2.5);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new ConfluentSchemaRegistryCoder("orders-value", genuine).writeSchema(schema, out);
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(schema).write(row, encoder);
        encoder.flush();

        byte[] record = out.toByteArray();
        Row read = new RowDecoder(ours.byId(Wire.schemaId(record))).decode(record, List.of());

        assertThat(read).isEqualTo(new Row(orders, new Object[] {43L, "rot", 2.5}));
    }

    private static RowSchema orders() {
        return new RowSchema(
                "orders",
                List.of(
                        new Column("id", LogicalType.Simple.INT64, "bigint", false),
                        new Column("colour", LogicalType.Simple.TEXT, "text", true),
                        new Column("weight", LogicalType.Simple.FLOAT64, "double precision", true)),
                List.of("id"));
    }
}

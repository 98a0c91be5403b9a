package io.sluice.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.UnknownSchemaException;
import java.util.UUID;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the client does at any registry that speaks Confluent's REST API; each server runs it. */
abstract class SchemaRegistryContract {

    static final Schema ID_ONLY = record("{'name':'id','type':'long'}");
    static final Schema WITH_OPTIONAL = record("{'name':'id','type':'long'},{'name':'n','type':'int','default':0}");
    static final Schema WITH_REQUIRED = record("{'name':'id','type':'long'},{'name':'n','type':'int'}");

    private final String subject = "shop.orders." + UUID.randomUUID() + "-value";
    private SchemaRegistryClient client;

    abstract String url();

    static Schema record(String fields) {
        return parse("{'type':'record','name':'Row','namespace':'shop','sluice.key':['id'],'fields':[" + fields + "]}");
    }

    static Schema parse(String json) {
        return new Schema.Parser().parse(json.replace('\'', '"'));
    }

    @BeforeEach
    void open() {
        client = SchemaRegistryClient.open(RegistrySettings.of(url()));
    }

    @AfterEach
    void close() {
        client.close();
    }

    private SchemaRegistryClient another() {
        return SchemaRegistryClient.open(RegistrySettings.of(url()));
    }

    @Test
    void aRegisteredSchemaIsReadBackByItsIdByAnyone() throws UnknownSchemaException {
        Schema schema =
                parse("{'type':'record','name':'Row','namespace':'shop','doc':'d','sluice.table':'public.orders',"
                        + "'fields':[{'name':'amount','type':['null',{'type':'bytes','logicalType':'decimal','precision':9,'scale':2}],"
                        + "'default':null,'sluice.type':'numeric(9,2)'},"
                        + "{'name':'tags','type':{'type':'array','items':['null','string']}}]}");
        int id = client.register(subject, schema);

        try (SchemaRegistryClient reader = another()) {
            Schema found = reader.byId(id);

            assertThat(found).isEqualTo(schema);
            assertThat(found.getProp("sluice.table")).isEqualTo("public.orders");
            assertThat(found.getField("amount").getProp("sluice.type")).isEqualTo("numeric(9,2)");
            assertThat(reader.byId(id)).as("the same object, from the cache").isSameAs(found);
        }
    }

    @Test
    void registeringAgainOrUnderAnotherSubjectGivesTheSameId() {
        int id = client.register(subject, ID_ONLY);

        assertThat(client.register(subject, ID_ONLY)).isEqualTo(id);
        try (SchemaRegistryClient other = another()) {
            assertThat(other.register(subject, ID_ONLY)).isEqualTo(id);
            assertThat(other.register("other-" + subject, ID_ONLY)).isEqualTo(id);
            assertThat(other.register(subject, WITH_OPTIONAL)).isNotEqualTo(id);
        }
    }

    @Test
    void schemasThatDifferInACustomPropertyAloneAreTwo() {
        Schema plain = record("{'name':'id','type':'long'}");
        Schema annotated = record("{'name':'id','type':'long','sluice.type':'int8'}");

        assertThat(client.register(subject, plain)).isNotEqualTo(client.register(subject, annotated));
    }

    @Test
    void anIdThatNobodyRegisteredIsUnknown() {
        assertThatThrownBy(() -> client.byId(2_000_000_000))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("2000000000");
    }

    @Test
    void theLatestSchemaIsTheOneRegisteredLast() {
        assertThat(client.latest(subject)).isEmpty();
        client.register(subject, ID_ONLY);
        int id = client.register(subject, WITH_OPTIONAL);

        assertThat(client.latest(subject)).hasValue(new RegisteredSchema(subject, 2, id, WITH_OPTIONAL));
    }

    @Test
    void aSchemaIsLookedUpWithoutRegisteringIt() {
        assertThat(client.lookUp(subject, ID_ONLY)).isEmpty();
        int id = client.register(subject, ID_ONLY);

        assertThat(client.lookUp(subject, ID_ONLY)).hasValue(new RegisteredSchema(subject, 1, id, ID_ONLY));
        assertThat(client.lookUp(subject, WITH_OPTIONAL)).isEmpty();
        assertThat(client.latest(subject).orElseThrow().version()).isEqualTo(1);
    }

    @Test
    void anIncompatibleSchemaHaltsWithTheSubjectAndTheRegistrysReason() {
        client.register(subject, ID_ONLY);

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> client.register(subject, WITH_REQUIRED))
                    .isInstanceOfSatisfying(HaltException.class, e -> {
                        assertThat(e.code()).isEqualTo("SCHEMA_INCOMPATIBLE");
                        assertThat(e.place()).isEqualTo(subject);
                        assertThat(e.problem()).contains(subject, "ncompatible", "/fields/1");
                    });
        }
    }

    @Test
    void compatibilityIsCheckedBeforehand() {
        assertThat(client.checkCompatibility(subject, WITH_REQUIRED).compatible())
                .as("a first schema")
                .isTrue();
        client.register(subject, ID_ONLY);

        assertThat(client.checkCompatibility(subject, WITH_OPTIONAL).compatible())
                .isTrue();
        assertThat(client.checkCompatibility(subject, WITH_REQUIRED).compatible())
                .isFalse();
        assertThat(client.latest(subject).orElseThrow().version())
                .as("only checked")
                .isEqualTo(1);
    }

    @Test
    void aSubjectHasTheGlobalLevelUntilItGetsItsOwn() {
        client.register(subject, ID_ONLY);
        assertThat(client.level()).isEqualTo(CompatibilityLevel.BACKWARD);
        assertThat(client.level(subject)).isEqualTo(CompatibilityLevel.BACKWARD);

        client.setLevel(subject, CompatibilityLevel.NONE);

        assertThat(client.level(subject)).isEqualTo(CompatibilityLevel.NONE);
        assertThat(client.level()).isEqualTo(CompatibilityLevel.BACKWARD);
        assertThat(client.checkCompatibility(subject, WITH_REQUIRED).compatible())
                .isTrue();
        client.register(subject, WITH_REQUIRED);
    }

    @Test
    void subjectsWithOddCharactersAreKeptApart() {
        String odd = subject + " é+%2B&?#";
        int id = client.register(odd, ID_ONLY);

        assertThat(client.latest(odd).orElseThrow().id()).isEqualTo(id);
        assertThat(client.latest(subject + " é %2B&?#")).isEmpty();
    }
}

package io.sluice.transform.mapping;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Literal;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.transform.SourceRows;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns taken from inside documents: of collections, and of json columns. */
class DocumentMappingTest {

    private static final TableId USERS = new TableId("app", "shop", "users");
    private static final TargetTable TARGET = TargetTable.inDefaultSchema("people");
    private static final String OID = "{\"$oid\": \"5f0000000000000000000001\"}";

    private final SourceRows documents = new SourceRows(
            USERS,
            List.of(required("_id", Simple.TEXT, "text"), column("document", Simple.DOCUMENT, "document")),
            "_id");
    private final SourceRows rows = new SourceRows(
            USERS, List.of(required("id", Simple.INT32, "integer"), column("data", Simple.JSON, "jsonb")), "id");

    private static ColumnSpec taking(String name, String from, @Nullable String type, @Nullable Literal otherwise) {
        return new ColumnSpec(
                name,
                new ColumnValue.Field(FieldPath.of(from.split("\\."))),
                Optional.ofNullable(type),
                Optional.ofNullable(otherwise),
                Place.NOWHERE);
    }

    private static Compilation compile(SourceRows source, TableSpecBuilder table) {
        TableSpec spec = table.build();
        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("postgresql://x/y"), List.of(spec));
        return Mapping.compile(service, spec, new SourceTable(USERS, source.schema(), false));
    }

    private static CompiledMapping compiled(SourceRows source, ColumnSpec... columns) {
        Compilation compilation =
                compile(source, TableSpec.builder(TARGET, USERS).columns(ColumnsSpec.only(List.of(columns))));
        assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
        return ((Compilation.Compiled) compilation).mapping();
    }

    private static Row row(MappingResult result) {
        assertThat(result).isInstanceOf(MappingResult.Mapped.class);
        return ((RowChange.Upsert) ((MappingResult.Mapped) result).changes().get(0)).row();
    }

    private static String rejection(MappingResult result) {
        assertThat(result).isInstanceOf(MappingResult.Rejected.class);
        return ((MappingResult.Rejected) result).reason();
    }

    @Test
    void aCollectionThatListsNoColumnsGivesItsIdAndTheWholeDocument() {
        Compilation compilation = compile(documents, TableSpec.builder(TARGET, USERS));
        CompiledMapping mapping = ((Compilation.Compiled) compilation).mapping();

        assertThat(mapping.target().columns())
                .containsExactly(
                        new Column("_id", Simple.TEXT, "text", false),
                        new Column("document", Simple.JSON, "jsonb", true));
        Row row = row(mapping.apply(documents.insert(OID, "{\"_id\": " + OID + ", \"n\": {\"$numberLong\": \"7\"}}")));
        assertThat(row.value("_id")).isEqualTo("5f0000000000000000000001");
        assertThat(row.value("document")).isEqualTo("{\"_id\":{\"$oid\":\"5f0000000000000000000001\"},\"n\":7}");
    }

    @Test
    void aDeleteNeedsOnlyTheId() {
        CompiledMapping mapping = compiled(documents, taking("id", "_id", null, null), taking("a", "a", null, null));

        RowChange change = ((MappingResult.Mapped) mapping.apply(documents.deleteByKey(OID)))
                .changes()
                .get(0);

        assertThat(change).isInstanceOf(RowChange.Delete.class);
        assertThat(change.key().part(0)).isEqualTo("5f0000000000000000000001");
        assertThat(mapping.isKeyedAsSource()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "{\"a\": {\"b\": \"x\"}}|a.b|x",
                "{\"a\": {\"b\": null}}|a.b|null",
                "{\"a\": {}}|a.b|null",
                "{\"a\": null}|a.b|null",
                "{}|a.b|null",
                "{\"a\": {\"$undefined\": true}}|a.b|null",
                "{\"a\": [{\"b\": \"x\"}, {\"b\": \"y\"}]}|a.1.b|y",
                "{\"a\": []}|a.0.b|null",
                "{\"a\": {\"0\": \"zero\"}}|a.0|zero"
            })
    void theWayLeadsIntoDocumentsAndArrays(String document, String from, @Nullable String expected) {
        CompiledMapping mapping =
                compiled(documents, taking("id", "_id", null, null), taking("value", from, null, null));

        assertThat(row(mapping.apply(documents.insert(OID, document))).value("value"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": \"x\"}|a text has no field b",
                "{\"a\": [1]}|an array has no field b",
                "{\"a\": {\"$date\": {\"$numberLong\": \"0\"}}}|a date has no field b"
            })
    void aValueWithoutFieldsOnTheWayIsNoMissingOne(String document, String reason) {
        CompiledMapping mapping =
                compiled(documents, taking("id", "_id", null, null), taking("value", "a.b", null, null));

        assertThat(rejection(mapping.apply(documents.insert(OID, document)))).isEqualTo("column value: " + reason);
    }

    @Test
    void aDefaultIsTakenForMissingAndNullAndGivesTheType() {
        CompiledMapping mapping = compiled(
                documents, taking("id", "_id", null, null), taking("active", "active", null, new Literal.Bool(true)));

        assertThat(mapping.target().column(1)).isEqualTo(new Column("active", Simple.BOOLEAN, "boolean", false));
        assertThat(row(mapping.apply(documents.insert(OID, "{}"))).value("active"))
                .isEqualTo(true);
        assertThat(row(mapping.apply(documents.insert(OID, "{\"active\": null}")))
                        .value("active"))
                .isEqualTo(true);
        assertThat(row(mapping.apply(documents.insert(OID, "{\"active\": false}")))
                        .value("active"))
                .isEqualTo(false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text|\"a@b\"|a@b|",
                "text|" + OID + "|5f0000000000000000000001|",
                "text|\"5f0000000000000000000001\"||could be taken for an ObjectId",
                "text|{\"$numberInt\": \"7\"}||a whole number can't become text in a key",
                "bigint|{\"$numberInt\": \"7\"}|7|",
                "integer|{\"$numberLong\": \"3000000000\"}||out of the range of integer",
                "bigint|\"7\"||a text can't become bigint in a key",
                "numeric|{\"$numberDouble\": \"0.5\"}||can't become numeric in a key",
                "uuid|{\"$binary\": {\"base64\": \"AAAAAAAAAAAAAAAAAAAAAQ==\", \"subType\":"
                        + " \"04\"}}|00000000-0000-0000-0000-000000000001|",
                "uuid|\"00000000-0000-0000-0000-000000000001\"||a text can't become uuid in a key"
            })
    void idsThatDifferNeverBecomeOneKey(String type, String id, @Nullable String key, @Nullable String reason) {
        CompiledMapping mapping = compiled(documents, taking("id", "_id", type, null));

        assertThat(mapping.isKeyedAsSource()).isTrue();
        for (MappingResult result :
                List.of(mapping.apply(documents.insert(id, "{}")), mapping.apply(documents.deleteByKey(id)))) {
            if (reason == null) {
                assertThat(((MappingResult.Mapped) result)
                                .changes()
                                .get(0)
                                .key()
                                .part(0))
                        .hasToString(key);
            } else {
                assertThat(rejection(result)).contains("column id").contains(reason);
            }
        }
    }

    @Test
    void whatAKeyCannotBeMadeOfIsRefused() {
        TableSpecBuilder byField = TableSpec.builder(TARGET, USERS)
                .key(List.of("email"))
                .partitions(1)
                .columns(ColumnsSpec.only(List.of(taking("email", "email", null, null))));
        TableSpecBuilder byJson =
                TableSpec.builder(TARGET, USERS).columns(ColumnsSpec.only(List.of(taking("id", "_id", "jsonb", null))));
        TableSpecBuilder byPart = TableSpec.builder(TARGET, USERS)
                .key(List.of("id"))
                .columns(ColumnsSpec.only(List.of(taking("id", "_id.region", null, null))));
        TableSpecBuilder byBoolean = TableSpec.builder(TARGET, USERS)
                .columns(ColumnsSpec.only(List.of(taking("id", "_id", "boolean", null))));

        assertThat(problems(byField)).contains("make the key of _id alone");
        assertThat(problems(byJson)).contains("equal values would become different ones");
        assertThat(problems(byPart)).contains("partitions: 1");
        assertThat(problems(byBoolean)).contains("ids that differ could be one value");
        assertThat(problems(byPart.partitions(1))).isEmpty();
    }

    private String problems(TableSpecBuilder table) {
        return compile(documents, table) instanceof Compilation.Refused refused
                ? refused.problems().toString()
                : "";
    }

    @Test
    void aJsonColumnIsReadAsWellAndItsObjectsAreNeverTypes() {
        CompiledMapping mapping = compiled(
                rows,
                ColumnSpec.copied("id"),
                taking("price", "data.price", "numeric(12,4)", null),
                taking("odd", "data.odd", "jsonb", null));

        Row row = row(mapping.apply(rows.insert(7, "{\"price\": 10.5000, \"odd\": {\"$oid\": \"x\"}}")));
        assertThat(row.value("price")).isEqualTo(new BigDecimal("10.5000"));
        assertThat(row.value("odd")).isEqualTo("{\"$oid\":\"x\"}");
        Row left = row(mapping.apply(rows.insert(7, Unchanged.UNCHANGED)));
        assertThat(left.isUnchanged(1)).isTrue();
        assertThat(row(mapping.apply(rows.insert(7, null))).value("price")).isNull();
    }

    @Test
    void aColumnThatIsNoDocumentHasNoFields() {
        Compilation compilation = compile(
                rows,
                TableSpec.builder(TARGET, USERS)
                        .columns(ColumnsSpec.andOthers(List.of(taking("x", "id.part", null, null)))));

        assertThat(((Compilation.Refused) compilation).problems())
                .singleElement()
                .asString()
                .contains("column id of type integer has no fields");
    }

    private static ColumnSpec generated(String name, String... fields) {
        return ColumnSpec.of(
                name,
                new ColumnValue.Generated(
                        ColumnValue.GeneratedKind.UUID,
                        java.util.Arrays.stream(fields)
                                .map(field -> (ColumnValue) new ColumnValue.Field(FieldPath.of(field.split("\\."))))
                                .toList()));
    }

    @Test
    void aGeneratedKeyIsTheSameInEveryTableAndOnEveryMachine() {
        CompiledMapping mapping = compiled(documents, generated("key", "_id"), taking("name", "name", null, null));
        MappingResult.Mapped mapped = (MappingResult.Mapped) mapping.apply(documents.insert(OID, "{}"));

        assertThat(mapping.target().keyColumns()).containsExactly("key");
        assertThat(mapping.isKeyedAsSource()).isTrue();
        // python3 -c 'import uuid; t = uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_DNS, "sluice"), "app.shop.users");
        // print(uuid.uuid5(t, r"""["{\"$oid\":\"5f0000000000000000000001\"}"]"""))'
        assertThat(mapped.changes().get(0).key().part(0)).hasToString("2a65d46a-2425-5321-bc10-78b2d5bdd6df");
        assertThat(((MappingResult.Mapped) mapping.apply(documents.deleteByKey(OID)))
                        .changes()
                        .get(0)
                        .key())
                .isEqualTo(mapped.changes().get(0).key());
    }

    @Test
    void aGeneratedKeyOfColumnsTellsThemApart() {
        CompiledMapping mapping = compiled(rows, generated("key", "id"));

        assertThat(((MappingResult.Mapped) mapping.apply(rows.insert(7, null)))
                        .changes()
                        .get(0)
                        .key()
                        .part(0))
                .isNotEqualTo(((MappingResult.Mapped) mapping.apply(rows.insert(8, null)))
                        .changes()
                        .get(0)
                        .key()
                        .part(0));
        assertThat(mapping.isKeyedAsSource()).isTrue();
        Compilation ofJson = compile(
                rows, TableSpec.builder(TARGET, USERS).columns(ColumnsSpec.only(List.of(generated("key", "data")))));
        assertThat(((Compilation.Refused) ofJson).problems().toString()).contains("written differently");
    }

    @Test
    void whatNoColumnTakesOverflowsAndFlattenedColumnsFindTheirFields() {
        ColumnsSpec columns = new ColumnsSpec(
                List.of(
                        taking("id", "_id", null, null),
                        taking("address_city", "address_city", null, null),
                        taking("zip", "address.zip", "integer", null)),
                false,
                List.of(FieldPath.of("address")),
                Optional.of("rest"));
        CompiledMapping mapping = ((Compilation.Compiled)
                        compile(documents, TableSpec.builder(TARGET, USERS).columns(columns)))
                .mapping();

        Row row = row(mapping.apply(documents.insert(
                OID,
                "{\"_id\": " + OID + ", \"address\": {\"city\": \"Bern\", \"zip\": {\"$numberInt\": \"3000\"},"
                        + " \"floor\": {\"$numberInt\": \"2\"}}, \"more\": true}")));
        assertThat(row.value("address_city")).isEqualTo("Bern");
        assertThat(row.value("zip")).isEqualTo(3000);
        assertThat(row.value("rest")).isEqualTo("{\"address\":{\"floor\":2},\"more\":true}");
    }

    @Test
    void whatCannotBeKnownBeforehandIsRefused() {
        assertThat(problems(TableSpec.builder(TARGET, USERS)
                        .columns(new ColumnsSpec(
                                List.of(taking("id", "_id", null, null)),
                                false,
                                List.of(FieldPath.of("address")),
                                Optional.empty()))))
                .contains("tables.people.flatten", "address_city");
        assertThat(problems(TableSpec.builder(TARGET, USERS)
                        .columns(ColumnsSpec.andOthers(List.of(taking("id", "_id", null, null))))))
                .contains("tables.people.other-columns", "overflow");
    }
}

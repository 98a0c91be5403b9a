package io.sluice.transform.mapping;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnValue.Variable;
import io.sluice.schemas.pipeline.ColumnValue.VariableName;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.transform.SourceRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SplitTest {

    private static final TableId ORDERS = new TableId("monolith", "public", "orders");
    private static final TargetTable TARGET = TargetTable.inDefaultSchema("parts");
    private static final FieldPath DOC = FieldPath.of("doc");
    private static final ColumnSpec ORDER = ColumnSpec.of("order", new ColumnValue.Field(FieldPath.of("id")));
    private static final ColumnSpec SKU = variable("sku", VariableName.VALUE, 0, "sku", "text");

    private final SourceRows orders = new SourceRows(
            ORDERS,
            List.of(
                    required("id", Simple.INT64, "bigint"),
                    column("customer", Simple.TEXT, "text"),
                    column("doc", Simple.JSON, "jsonb"),
                    column("tags", new LogicalType.Array(Simple.TEXT), "text[]"),
                    column("paid", Simple.BOOLEAN, "boolean"),
                    column("sent", Simple.BOOLEAN, "boolean")),
            "id");
    private final SourceRows documents = new SourceRows(
            new TableId("mongo", "shop", "orders"),
            List.of(required("_id", Simple.TEXT, "text"), new Column("document", Simple.DOCUMENT, "document", true)),
            "_id");

    private static ColumnSpec variable(
            String name, VariableName variable, int outward, @Nullable String within, @Nullable String type) {
        return new ColumnSpec(
                name,
                new Variable(variable, outward, Optional.ofNullable(within).map(FieldPath::of)),
                Optional.ofNullable(type),
                Optional.empty(),
                Place.NOWHERE);
    }

    private static SplitSpec.Elements items() {
        return SplitSpec.Elements.of(FieldPath.of("doc", "items"), FieldPath.of("sku"));
    }

    private static Compilation compile(
            SourceRows source, boolean wholeBefore, SplitSpec split, List<String> key, ColumnSpec... columns) {
        TableSpec table = TableSpec.builder(TARGET, source.table())
                .split(split)
                .key(key)
                .columns(ColumnsSpec.only(List.of(columns)))
                .build();
        ServiceSpec service = ServiceSpec.eventual("shop", TargetSpec.postgresql("x"), List.of(table));
        return Mapping.compile(service, table, new SourceTable(source.table(), source.schema(), wholeBefore));
    }

    private CompiledMapping compiled(SplitSpec split, List<String> key, ColumnSpec... columns) {
        Compilation compilation = compile(orders, true, split, key, columns);
        assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
        return ((Compilation.Compiled) compilation).mapping();
    }

    private static List<MappingProblem> problems(Compilation compilation) {
        assertThat(compilation).isInstanceOf(Compilation.Refused.class);
        return ((Compilation.Refused) compilation).problems();
    }

    private CompiledMapping lines() {
        return compiled(
                SplitSpec.of(items()),
                List.of("order", "sku"),
                ORDER,
                SKU,
                variable("n", VariableName.INDEX, 0, null, null),
                ColumnSpec.copied("customer"));
    }

    private Change.Upserted order(@Nullable Object doc) {
        return orders.insert(1L, "ada", doc, null, null, null);
    }

    /** Each row's values, its key among them. */
    private static List<List<@Nullable Object>> rows(CompiledMapping mapping, Change change) {
        MappingResult result = mapping.apply(change);
        assertThat(result).isInstanceOf(MappingResult.Children.class);
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (RowChange.Upsert row : ((MappingResult.Children) result).rows()) {
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = 0; i < row.row().schema().size(); i++) {
                values.add(row.row().value(i));
            }
            assertThat(row.key()).isEqualTo(row.row().key(mapping.keySchema()));
            rows.add(values);
        }
        return rows;
    }

    private static String rejection(CompiledMapping mapping, Change change) {
        MappingResult result = mapping.apply(change);
        assertThat(result).isInstanceOf(MappingResult.Rejected.class);
        return ((MappingResult.Rejected) result).reason();
    }

    @Test
    void eachElementOfAnArrayBecomesARowWithItsParentsColumns() {
        assertThat(rows(lines(), order("{\"items\": [{\"sku\": \"b\"}, {\"sku\": \"a\", \"more\": 1}]}")))
                .containsExactly(List.of(1L, "b", 0, "ada"), List.of(1L, "a", 1, "ada"));
        assertThat(lines().isKeyedAsSource()).isTrue();
    }

    @Test
    void theResultNamesTheParentSoThatWhatItHadBeforeCanBeFound() {
        Change.Upserted change = order("{\"items\": []}");
        MappingResult.Children children = (MappingResult.Children) lines().apply(change);
        assertThat(children.parent()).isEqualTo(change.key());
        assertThat(children.provenance()).isEqualTo(change.provenance());
        assertThat(children.rows()).isEmpty();
    }

    @Test
    void aDeletedParentHasNoRowsAndItsKeyIsEnoughToKnow() {
        assertThat(rows(lines(), orders.deleteByKey(1L))).isEmpty();
    }

    @Test
    void whereTheArrayIsAbsentOrNullThereAreNoRows() {
        assertThat(rows(lines(), order(null))).isEmpty();
        assertThat(rows(lines(), order("null"))).isEmpty();
        assertThat(rows(lines(), order("{}"))).isEmpty();
        assertThat(rows(lines(), order("{\"items\": null}"))).isEmpty();
    }

    @Test
    void whatIsMalformedIsRejectedWhole() {
        assertThat(rejection(lines(), order("{\"items\": {\"sku\": \"a\"}}"))).isEqualTo("doc.items is no array");
        assertThat(rejection(lines(), order("{\"items\": [{\"sku\": \"a\"}, null]}")))
                .isEqualTo("an element of doc.items is null");
        assertThat(rejection(lines(), order("{\"items\": [{\"sku\": \"a\"}, {}]}")))
                .isEqualTo("key column sku would be null");
        assertThat(rejection(lines(), order("{\"items\": [{\"sku\": \"a\"}, {\"sku\": null}]}")))
                .isEqualTo("key column sku would be null");
        assertThat(rejection(lines(), order("{\"items\": [{\"sku\": \"a\"}, {\"sku\": \"a\"}]}")))
                .isEqualTo("two of its rows would have one key");
        assertThat(rejection(lines(), order("{\"items\": [1]}"))).contains("has no field sku");
        assertThat(rejection(lines(), orders.truncate())).contains("truncated");
    }

    @Test
    void moreRowsThanTheLimitAreRejected() {
        CompiledMapping mapping = compiled(
                SplitSpec.of(new SplitSpec.Elements(FieldPath.of("tags"), Optional.empty(), 2)),
                List.of("order", "n"),
                ORDER,
                variable("n", VariableName.INDEX, 0, null, null));
        assertThat(rows(mapping, orders.insert(1L, "ada", null, List.of("x", "y"), null, null)))
                .hasSize(2);
        assertThat(rejection(mapping, orders.insert(1L, "ada", null, List.of("x", "y", "z"), null, null)))
                .contains("more than 2 rows");
    }

    @Test
    void anArrayColumnsElementsKeepTheirType() {
        CompiledMapping mapping = compiled(
                SplitSpec.of(SplitSpec.Elements.of(FieldPath.of("tags"))),
                List.of("order", "tag"),
                ORDER,
                variable("tag", VariableName.VALUE, 0, null, null));
        assertThat(mapping.target().column(1).declared()).isEqualTo("text");
        assertThat(rows(mapping, orders.insert(1L, "ada", null, List.of("x", "y"), null, null)))
                .containsExactly(List.of(1L, "x"), List.of(1L, "y"));
        assertThat(rejection(mapping, orders.insert(1L, "ada", null, List.of("x", "x"), null, null)))
                .isEqualTo("two of its rows would have one key");
        assertThat(rejection(mapping, orders.insert(1L, "ada", null, Arrays.asList("x", null), null, null)))
                .isEqualTo("an element of tags is null");
    }

    @Test
    void eachPresentPartBecomesARow() {
        CompiledMapping mapping = compiled(
                SplitSpec.of(SplitSpec.Parts.of(FieldPath.of("doc", "ship"), FieldPath.of("doc", "bill", "to"))),
                List.of("order", "part"),
                ORDER,
                variable("part", VariableName.PART, 0, null, null),
                variable("value", VariableName.VALUE, 0, null, null),
                variable("city", VariableName.VALUE, 0, "city", "text"));
        assertThat(mapping.target().column(2).declared()).isEqualTo("jsonb");
        assertThat(rows(mapping, order("{\"ship\": {\"city\": \"Ulm\"}, \"bill\": {\"to\": {}, \"x\": 1}}")))
                .containsExactly(
                        List.of(1L, "doc.ship", "{\"city\":\"Ulm\"}", "Ulm"),
                        Arrays.asList(1L, "doc.bill.to", "{}", null));
        assertThat(rows(mapping, order("{\"ship\": null}"))).isEmpty();
    }

    @Test
    void partsMayBeColumnsOfOneType() {
        CompiledMapping mapping = compiled(
                SplitSpec.of(SplitSpec.Parts.of(FieldPath.of("paid"), FieldPath.of("sent"))),
                List.of("order", "part"),
                ORDER,
                variable("part", VariableName.PART, 0, null, null),
                variable("value", VariableName.VALUE, 0, null, null));
        assertThat(rows(mapping, orders.insert(1L, null, null, null, true, null)))
                .containsExactly(List.of(1L, "paid", true));
        assertThat(rows(mapping, orders.insert(1L, null, null, null, false, true)))
                .containsExactly(List.of(1L, "paid", false), List.of(1L, "sent", true));
        assertThat(problems(compile(
                        orders,
                        true,
                        SplitSpec.of(SplitSpec.Parts.of(FieldPath.of("paid"), FieldPath.of("customer"))),
                        List.of("order", "part"),
                        ORDER,
                        variable("part", VariableName.PART, 0, null, null))))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("customer of type text"));
    }

    @Test
    void anArrayInAnArraysElementsGoesOneLevelFurther() {
        CompiledMapping mapping = compiled(
                SplitSpec.of(items(), SplitSpec.Elements.of(FieldPath.of("lots"))),
                List.of("order", "sku", "n"),
                ORDER,
                variable("sku", VariableName.VALUE, 1, "sku", "text"),
                variable("n", VariableName.INDEX, 0, null, null),
                variable("line", VariableName.INDEX, 1, null, null),
                variable("lot", VariableName.VALUE, 0, null, "integer"));
        assertThat(rows(
                        mapping,
                        order("{\"items\": [{\"sku\": \"a\", \"lots\": [7, 8]}, {\"sku\": \"b\"},"
                                + " {\"sku\": \"c\", \"lots\": [7]}]}")))
                .containsExactly(List.of(1L, "a", 0, 0, 7), List.of(1L, "a", 1, 0, 8), List.of(1L, "c", 0, 2, 7));
        assertThat(rejection(mapping, order("{\"items\": [{\"sku\": \"a\", \"lots\": 1}]}")))
                .isEqualTo("lots is no array");
    }

    @Test
    void documentsOfMongoAreTakenApartWithTheTypesThatTheyHave() {
        Compilation compilation = compile(
                documents,
                false,
                SplitSpec.of(SplitSpec.Elements.of(FieldPath.of("items"), FieldPath.of("sku"))),
                List.of("order", "sku"),
                new ColumnSpec(
                        "order",
                        new ColumnValue.Field(FieldPath.of("_id")),
                        Optional.of("bigint"),
                        Optional.empty(),
                        Place.NOWHERE),
                variable("sku", VariableName.VALUE, 0, "sku", "text"),
                variable("qty", VariableName.VALUE, 0, "qty", "integer"),
                variable("item", VariableName.VALUE, 0, null, null));
        assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
        CompiledMapping mapping = ((Compilation.Compiled) compilation).mapping();
        String id = "{\"$numberInt\":\"7\"}";
        assertThat(rows(
                        mapping,
                        documents.insert(
                                id,
                                "{\"_id\":" + id + ",\"items\":[{\"sku\":\"a\",\"qty\":{\"$numberLong\":\"2\"}}]}")))
                .containsExactly(List.of(7L, "a", 2, "{\"sku\":\"a\",\"qty\":2}"));
        assertThat(rows(mapping, documents.deleteByKey(id))).isEmpty();
    }

    @Test
    void aValueThatTheLogMayLeaveOutAsksForTheWholeRowBefore() {
        Compilation compilation = compile(
                orders,
                false,
                SplitSpec.of(items()),
                List.of("order", "sku"),
                ORDER,
                SKU,
                ColumnSpec.copied("customer"),
                ColumnSpec.copied("paid"));
        assertThat(problems(compilation)).singleElement().satisfies(problem -> {
            assertThat(problem.message()).contains("customer, doc");
            assertThat(problem.remedy()).isEqualTo("ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY FULL");
        });
        assertThat(compile(
                        orders,
                        false,
                        SplitSpec.of(SplitSpec.Parts.of(FieldPath.of("paid"), FieldPath.of("sent"))),
                        List.of("order", "part"),
                        ORDER,
                        variable("part", VariableName.PART, 0, null, null)))
                .isInstanceOf(Compilation.Compiled.class);
    }

    @Test
    void aValueThatTheLogLeftOutAllTheSameIsTheOneFromBefore() {
        Change.Upserted change = orders.update(
                orders.row(1L, "ada", "{\"items\": [{\"sku\": \"a\"}]}", null, null, null),
                orders.row(1L, "eve", Unchanged.UNCHANGED, null, null, null));
        assertThat(rows(lines(), change)).containsExactly(List.of(1L, "a", 0, "eve"));
        assertThat(rejection(lines(), order(Unchanged.UNCHANGED))).contains("the log left out");
        assertThat(rejection(
                        lines(),
                        orders.insert(1L, Unchanged.UNCHANGED, "{\"items\": [{\"sku\": \"a\"}]}", null, null, null)))
                .contains("the log left out");
    }

    @Test
    void rowsOfTwoParentsMustNotShareAKey() {
        assertThat(problems(compile(
                        orders,
                        true,
                        SplitSpec.of(items()),
                        List.of("customer", "sku"),
                        ColumnSpec.copied("customer"),
                        SKU)))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.path()).endsWith(".key");
                    assertThat(problem.message()).contains("two source rows");
                });
    }

    @Test
    void whatIsNoArrayIsToldBeforeAnythingStarts() {
        assertThat(problems(compile(
                        orders,
                        true,
                        SplitSpec.of(SplitSpec.Elements.of(FieldPath.of("customer"))),
                        List.of("order", "n"),
                        ORDER,
                        variable("n", VariableName.INDEX, 0, null, null))))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).isEqualTo("customer is no array"));
        assertThat(problems(compile(
                        orders,
                        true,
                        SplitSpec.of(SplitSpec.Elements.of(FieldPath.of("nowhere"))),
                        List.of("order", "n"),
                        ORDER,
                        variable("n", VariableName.INDEX, 0, null, null))))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("has no column nowhere"));
        assertThat(DOC.isRoot()).isTrue();
    }
}

package io.sluice.transform.mapping;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Numeric;
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
import org.junit.jupiter.api.Test;

class MappingTest {

    private static final TableId USERS = new TableId("monolith", "public", "users");
    private static final TargetTable TARGET = TargetTable.inDefaultSchema("people");

    private final SourceRows users = new SourceRows(
            USERS,
            List.of(
                    required("id", Simple.INT32, "integer"),
                    required("email", Simple.TEXT, "character varying(80)"),
                    column("bio", Simple.TEXT, "text"),
                    column("score", new Numeric(6, 2), "numeric(6,2)")),
            "id");

    private static TableSpecBuilder people() {
        return TableSpec.builder(TARGET, USERS);
    }

    private CompiledMapping compiled(TableSpec table, boolean wholeBefore) {
        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("postgresql://x/y"), List.of(table));
        Compilation compilation = Mapping.compile(service, table, new SourceTable(USERS, users.schema(), wholeBefore));
        assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
        return ((Compilation.Compiled) compilation).mapping();
    }

    private CompiledMapping compiled(TableSpecBuilder table) {
        return compiled(table.build(), false);
    }

    private CompiledMapping keyedByEmail() {
        return compiled(people().key(List.of("email")).partitions(1).build(), true);
    }

    private static ColumnSpec from(String name, String field) {
        return ColumnSpec.of(name, new ColumnValue.Field(FieldPath.of(field)));
    }

    private static ColumnSpec typed(String name, String type) {
        return new ColumnSpec(
                name, new ColumnValue.Field(FieldPath.of(name)), Optional.of(type), Optional.empty(), Place.NOWHERE);
    }

    private static ColumnSpec constant(String name, Literal literal) {
        return ColumnSpec.of(name, new ColumnValue.Constant(literal));
    }

    private static ColumnSpec defaulted(String name, Literal literal) {
        return new ColumnSpec(
                name, new ColumnValue.Field(FieldPath.of(name)), Optional.empty(), Optional.of(literal), Place.NOWHERE);
    }

    private static List<RowChange> changes(CompiledMapping mapping, Change change) {
        MappingResult result = mapping.apply(change);
        assertThat(result).isInstanceOf(MappingResult.Mapped.class);
        return ((MappingResult.Mapped) result).changes();
    }

    private static Row onlyRow(CompiledMapping mapping, Change change) {
        List<RowChange> changes = changes(mapping, change);
        assertThat(changes).hasSize(1);
        return ((RowChange.Upsert) changes.get(0)).row();
    }

    private static String rejection(CompiledMapping mapping, Change change) {
        MappingResult result = mapping.apply(change);
        assertThat(result).isInstanceOf(MappingResult.Rejected.class);
        return ((MappingResult.Rejected) result).reason();
    }

    private static List<Object> values(Row row) {
        Object[] values = new Object[row.schema().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.value(i);
        }
        return java.util.Arrays.asList(values);
    }

    private static List<String> names(CompiledMapping mapping) {
        return mapping.target().columns().stream().map(Column::name).toList();
    }

    @Test
    void aPlainCopyKeepsColumnsTypesValuesAndKey() {
        CompiledMapping mapping = compiled(people());

        assertThat(mapping.target().name()).isEqualTo("people");
        assertThat(mapping.target().columns()).isEqualTo(users.schema().columns());
        assertThat(mapping.target().keyColumns()).containsExactly("id");
        assertThat(mapping.isKeyedAsSource()).isTrue();
        Change.Upserted change = users.insert(7, "a@b", null, new BigDecimal("1.50"));
        RowChange.Upsert upsert = (RowChange.Upsert) changes(mapping, change).get(0);
        assertThat(values(upsert.row())).containsExactly(7, "a@b", null, new BigDecimal("1.50"));
        assertThat(upsert.key()).isEqualTo(change.key());
        assertThat(upsert.provenance()).isEqualTo(change.provenance());
        assertThat(upsert.table()).isEqualTo(TARGET);
    }

    @Test
    void aDeleteNeedsOnlyTheKeyWhereTheTargetIsKeyedAsTheSource() {
        RowChange change = changes(compiled(people()), users.deleteByKey(7)).get(0);

        assertThat(change).isInstanceOf(RowChange.Delete.class);
        assertThat(change.key()).isEqualTo(users.deleteByKey(7).key());
    }

    @Test
    void renamedColumnsKeepTheirPlaceDroppedOnesGoAndConstantsComeLast() {
        CompiledMapping mapping = compiled(people().columns(ColumnsSpec.andOthers(List.of(
                constant("origin", new Literal.Text("monolith")),
                from("mail", "email"),
                ColumnSpec.of("bio", new ColumnValue.Dropped())))));

        assertThat(names(mapping)).containsExactly("id", "mail", "score", "origin");
        assertThat(values(onlyRow(mapping, users.insert(7, "a@b", "long", null))))
                .containsExactly(7, "a@b", null, "monolith");
    }

    @Test
    void onlyListedColumnsComeInTheOrderOfTheFile() {
        CompiledMapping mapping = compiled(
                people().columns(ColumnsSpec.only(List.of(ColumnSpec.copied("email"), from("user_id", "id")))));

        assertThat(names(mapping)).containsExactly("email", "user_id");
        assertThat(mapping.target().keyColumns()).containsExactly("user_id");
        assertThat(mapping.isKeyedAsSource()).isTrue();
        assertThat(changes(mapping, users.deleteByKey(7)).get(0).key().part(0)).isEqualTo(7);
    }

    @Test
    void twoColumnsMaySwapTheirNames() {
        CompiledMapping mapping =
                compiled(people().columns(ColumnsSpec.andOthers(List.of(from("email", "bio"), from("bio", "email")))));

        Row row = onlyRow(mapping, users.insert(7, "a@b", "text", null));
        assertThat(row.value("email")).isEqualTo("text");
        assertThat(row.value("bio")).isEqualTo("a@b");
    }

    @Test
    void aDefaultReplacesNullAndMakesTheColumnRequired() {
        CompiledMapping mapping =
                compiled(people().columns(ColumnsSpec.andOthers(List.of(defaulted("bio", new Literal.Text("none"))))));

        assertThat(onlyRow(mapping, users.insert(7, "a@b", null, null)).value("bio"))
                .isEqualTo("none");
        assertThat(onlyRow(mapping, users.insert(7, "a@b", "mine", null)).value("bio"))
                .isEqualTo("mine");
        assertThat(mapping.target().column(2).nullable()).isFalse();
    }

    @Test
    void whatTheLogLeftOutStaysLeftOutAlsoUnderADefaultOrAnotherType() {
        CompiledMapping mapping = compiled(people().columns(ColumnsSpec.andOthers(
                List.of(defaulted("bio", new Literal.Text("none")), typed("score", "numeric")))));

        Row row = onlyRow(mapping, users.insert(7, "a@b", Unchanged.UNCHANGED, Unchanged.UNCHANGED));
        assertThat(row.isUnchanged(2)).isTrue();
        assertThat(row.isUnchanged(3)).isTrue();
        assertThat(row.value("email")).isEqualTo("a@b");
    }

    @Test
    void wideningChangesTheCarrierOfRowAndKeyAlike() {
        CompiledMapping mapping = compiled(people().columns(ColumnsSpec.andOthers(
                List.of(typed("id", "bigint"), typed("email", "text"), typed("score", "numeric(10,4)")))));

        assertThat(mapping.target().columns())
                .extracting(Column::declared)
                .containsExactly("bigint", "text", "text", "numeric(10,4)");
        RowChange.Upsert upsert = (RowChange.Upsert)
                changes(mapping, users.insert(7, "a@b", null, null)).get(0);
        assertThat(upsert.row().value("id")).isEqualTo(7L);
        assertThat(upsert.key().part(0)).isEqualTo(7L);
        assertThat(changes(mapping, users.deleteByKey(7)).get(0).key()).isEqualTo(upsert.key());
    }

    @Test
    void theSourceNameMayBePartOfTheKey() {
        CompiledMapping mapping = compiled(people().key(List.of("source", "id"))
                .columns(ColumnsSpec.andOthers(List.of(ColumnSpec.of(
                        "source", new ColumnValue.Variable(ColumnValue.VariableName.SOURCE, Optional.empty()))))));

        RowChange delete = changes(mapping, users.deleteByKey(7)).get(0);
        assertThat(delete.key().part(0)).isEqualTo("monolith");
        assertThat(delete.key().part(1)).isEqualTo(7);
        assertThat(mapping.isKeyedAsSource()).isTrue();
    }

    @Test
    void anUpdateThatMovesTheTargetKeyDeletesTheOldRowFirst() {
        CompiledMapping mapping = keyedByEmail();

        List<RowChange> moved =
                changes(mapping, users.update(users.row(7, "old@b", "x", null), users.row(7, "new@b", "x", null)));
        assertThat(moved).hasSize(2);
        assertThat(moved.get(0)).isInstanceOf(RowChange.Delete.class);
        assertThat(moved.get(0).key().part(0)).isEqualTo("old@b");
        assertThat(moved.get(1)).isInstanceOf(RowChange.Upsert.class);
        assertThat(moved.get(1).key().part(0)).isEqualTo("new@b");
        assertThat(mapping.isKeyedAsSource()).isFalse();
        assertThat(mapping.target().keyColumns()).containsExactly("email");
    }

    @Test
    void anUpdateThatKeepsTheTargetKeyIsOneUpsert() {
        List<RowChange> kept =
                changes(keyedByEmail(), users.update(users.row(7, "a@b", "x", null), users.row(7, "a@b", "y", null)));

        assertThat(kept).singleElement().isInstanceOf(RowChange.Upsert.class);
    }

    @Test
    void aRowThatMovesTakesWhatTheLogLeftOutFromBefore() {
        List<RowChange> moved = changes(
                keyedByEmail(),
                users.update(users.row(7, "old@b", "big", null), users.row(7, "new@b", Unchanged.UNCHANGED, null)));

        assertThat(((RowChange.Upsert) moved.get(1)).row().value("bio")).isEqualTo("big");
    }

    @Test
    void aTargetKeyThatTheLogLeftOutOrThatIsNullIsRejected() {
        CompiledMapping mapping = keyedByEmail();
        Row before = users.row(7, "a@b", "x", null);

        assertThat(rejection(mapping, users.update(before, users.row(7, Unchanged.UNCHANGED, "x", null))))
                .contains("left out")
                .contains("email");
        assertThat(rejection(mapping, users.insert(7, null, "x", null))).contains("null");
    }

    @Test
    void aDeleteWithoutTheRowBeforeIsRejectedWhereTheTargetKeyDependsOnIt() {
        assertThat(rejection(keyedByEmail(), users.deleteByKey(7))).contains("deleted row");
        assertThat(changes(keyedByEmail(), users.delete(users.row(7, "a@b", "x", null)))
                        .get(0)
                        .key()
                        .part(0))
                .isEqualTo("a@b");
    }

    @Test
    void aTruncatedTableIsRejected() {
        assertThat(rejection(compiled(people()), users.truncate())).contains("truncated");
    }
}

package io.sluice.transform.mapping;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Change;
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
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.RuleSpec;
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

/** Computed columns, filters and rules, on the way from a change to a change of a target row. */
class ExpressionMappingTest {

    private static final TableId LEDGER = new TableId("monolith", "public", "ledger");
    private static final TargetTable TARGET = TargetTable.inDefaultSchema("entries");
    private static final Place PLACE = new Place("p.yaml", 7, 3);

    private final SourceRows ledger = new SourceRows(
            LEDGER,
            List.of(
                    required("id", Simple.INT32, "integer"),
                    column("amount", new Numeric(18, 8), "numeric(18,8)"),
                    column("after", new Numeric(18, 8), "numeric(18,8)"),
                    column("open", Simple.BOOLEAN, "boolean"),
                    column("note", Simple.TEXT, "text")),
            "id");

    private static TableSpecBuilder entries() {
        return TableSpec.builder(TARGET, LEDGER).place(PLACE);
    }

    private static Expression expression(String text) {
        return new Expression(text, PLACE);
    }

    private static ColumnSpec computed(String name, String text, @Nullable String type) {
        return new ColumnSpec(
                name, new ColumnValue.Computed(expression(text)), Optional.ofNullable(type), Optional.empty(), PLACE);
    }

    private static RuleSpec rule(String name, String text) {
        return new RuleSpec(name, expression(text), PLACE);
    }

    private Compilation compile(TableSpecBuilder table, boolean wholeBefore) {
        TableSpec spec = table.build();
        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("postgresql://x/y"), List.of(spec));
        return Mapping.compile(service, spec, new SourceTable(LEDGER, ledger.schema(), wholeBefore));
    }

    private CompiledMapping compiled(TableSpecBuilder table, boolean wholeBefore) {
        Compilation compilation = compile(table, wholeBefore);
        assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
        return ((Compilation.Compiled) compilation).mapping();
    }

    private String problems(TableSpecBuilder table) {
        return compile(table, false) instanceof Compilation.Refused refused
                ? refused.problems().toString()
                : "";
    }

    private static BigDecimal number(String text) {
        return new BigDecimal(text);
    }

    private Row row(int id, @Nullable String amount, boolean open, Object note) {
        return ledger.row(id, amount == null ? null : number(amount), number("10"), open, note);
    }

    private Change insert(int id, @Nullable String amount, boolean open) {
        return ledger.insert(id, amount == null ? null : number(amount), number("10"), open, "n");
    }

    private static List<String> changes(CompiledMapping mapping, Change change) {
        MappingResult result = mapping.apply(change);
        assertThat(result).isInstanceOf(MappingResult.Mapped.class);
        return ((MappingResult.Mapped) result)
                .changes().stream()
                        .map(each -> (each instanceof RowChange.Upsert ? "upsert " : "delete ")
                                + each.key().part(0))
                        .toList();
    }

    @Test
    void aColumnIsComputedExactlyAndTypedByItsExpression() {
        CompiledMapping mapping = compiled(
                entries()
                        .columns(ColumnsSpec.andOthers(List.of(
                                computed("before", "after - amount", null),
                                computed("state", "open ? \"OPEN\" : \"CLOSED\"", "varchar(6)")))),
                false);

        assertThat(mapping.target().columns())
                .extracting(column -> column.name() + " " + column.declared())
                .contains("before numeric", "state character varying(6)");
        MappingResult.Mapped mapped = (MappingResult.Mapped) mapping.apply(insert(7, "0.10000001", true));
        Row row = ((RowChange.Upsert) mapped.changes().get(0)).row();
        assertThat(row.value("before")).isEqualTo(number("9.89999999"));
        assertThat(row.value("state")).isEqualTo("OPEN");
    }

    @Test
    void whatIsComputedFromAValueThatTheLogLeftOutIsLeftOut() {
        CompiledMapping mapping = compiled(
                entries().columns(ColumnsSpec.andOthers(List.of(computed("short", "note.substring(0, 1)", null)))),
                false);
        Change change = ledger.insert(7, null, null, true, Unchanged.UNCHANGED);

        Row row = ((RowChange.Upsert)
                        ((MappingResult.Mapped) mapping.apply(change)).changes().get(0))
                .row();
        assertThat(row.value("short")).isEqualTo(Unchanged.UNCHANGED);
    }

    @Test
    void aValueThatCannotBeComputedOrDoesNotFitIsARejection() {
        CompiledMapping mapping = compiled(
                entries().columns(ColumnsSpec.andOthers(List.of(computed("before", "after - amount", "numeric(6,2)")))),
                false);

        assertThat(mapping.apply(insert(7, null, true)))
                .isEqualTo(MappingResult.Rejected.of(
                        MappingResult.Cause.EXPRESSION,
                        "column before: a value is null, or of another type than it computes with"));
        assertThat(mapping.apply(insert(7, "0.001", true)))
                .isEqualTo(MappingResult.Rejected.of(
                        MappingResult.Cause.VALUE, "column before: a number has more than 2 digits behind the point"));
    }

    @Test
    void aRowThatNoLongerPassesIsDeletedAndOneThatNeverDidIsNotThere() {
        CompiledMapping mapping = compiled(entries().where(expression("open")), true);

        assertThat(changes(mapping, insert(7, "1", true))).containsExactly("upsert 7");
        assertThat(changes(mapping, ledger.update(row(7, "1", true, "n"), row(7, "2", false, "n"))))
                .containsExactly("delete 7");
        assertThat(changes(mapping, ledger.update(row(7, "1", false, "n"), row(7, "2", false, "n"))))
                .isEmpty();
        assertThat(changes(mapping, ledger.update(row(7, "1", false, "n"), row(7, "2", true, "n"))))
                .containsExactly("upsert 7");
        assertThat(changes(mapping, ledger.delete(row(7, "1", false, "n")))).isEmpty();
        assertThat(changes(mapping, ledger.delete(row(7, "1", true, "n")))).containsExactly("delete 7");
    }

    @Test
    void withoutARowBeforeADeleteIsTheSafeAnswer() {
        TableSpecBuilder table = entries()
                .where(expression("amount > 1"))
                .columns(ColumnsSpec.only(List.of(ColumnSpec.copied("id"), ColumnSpec.copied("amount"))));
        CompiledMapping mapping = compiled(table, false);

        assertThat(changes(mapping, insert(7, "1", true))).containsExactly("delete 7");
        assertThat(changes(mapping, insert(7, "1.00000001", true))).containsExactly("upsert 7");
        assertThat(changes(mapping, ledger.deleteByKey(7))).containsExactly("delete 7");
    }

    @Test
    void aRowThatComesToPassTakesWhatTheLogLeftOutFromBefore() {
        CompiledMapping mapping = compiled(entries().where(expression("open")), true);

        MappingResult.Mapped mapped = (MappingResult.Mapped)
                mapping.apply(ledger.update(row(7, "1", false, "big"), row(7, "1", true, Unchanged.UNCHANGED)));

        assertThat(((RowChange.Upsert) mapped.changes().get(0)).row().value("note"))
                .isEqualTo("big");
    }

    @Test
    void aMovableKeyThatStopsPassingIsDeletedWhereItWas() {
        CompiledMapping mapping =
                compiled(entries().key(List.of("note")).partitions(1).where(expression("open")), true);

        assertThat(changes(mapping, ledger.update(row(7, "1", true, "old"), row(7, "1", false, "new"))))
                .containsExactly("delete old");
        assertThat(changes(mapping, ledger.update(row(7, "1", false, "old"), row(7, "1", true, "new"))))
                .containsExactly("upsert new");
        assertThat(changes(mapping, ledger.update(row(7, "1", false, "old"), row(7, "1", false, "new"))))
                .isEmpty();
        assertThat(changes(mapping, insert(7, "1", false))).isEmpty();
    }

    @Test
    void aConditionThatCannotBeToldIsARejection() {
        CompiledMapping mapping = compiled(entries().where(expression("amount > 1")), true);

        assertThat(mapping.apply(insert(7, null, true)))
                .isEqualTo(MappingResult.Rejected.of(
                        MappingResult.Cause.EXPRESSION,
                        "where: a value is null, or of another type than it computes with"));
    }

    @Test
    void aBrokenRuleIsARejectionWithItsName() {
        CompiledMapping mapping =
                compiled(entries().rules(List.of(rule("positive", "amount > 0"), rule("noted", "note != null"))), true);

        assertThat(changes(mapping, insert(7, "1", true))).containsExactly("upsert 7");
        assertThat(mapping.apply(insert(7, "0", true)))
                .isEqualTo(MappingResult.Rejected.brokenRule("positive", "it breaks rule positive"));
        assertThat(mapping.apply(insert(7, null, true)))
                .isEqualTo(MappingResult.Rejected.brokenRule(
                        "positive",
                        "it breaks rule positive: a value is null, or of another type than it computes with"));
    }

    @Test
    void whatTheLogMayLeaveOutIsNotDecidedUpon() {
        String full = "ALTER TABLE \"public\".\"ledger\" REPLICA IDENTITY FULL";

        assertThat(problems(entries().where(expression("note == \"x\""))))
                .contains("p.yaml:7:3", ".where", "it reads column note", full);
        assertThat(problems(entries().where(expression("open")))).contains("may lack column note", full);
        assertThat(problems(entries().where(expression("id > 7")))).isEmpty();
        assertThat(problems(entries().rules(List.of(rule("noted", "note != null")))))
                .contains("rules.noted", "it reads column note", full);
        assertThat(problems(entries().rules(List.of(rule("positive", "amount > 0")))))
                .isEmpty();
    }

    @Test
    void expressionsThatMakeNoSenseAreRefusedAtTheirPlace() {
        assertThat(problems(entries().where(expression("amuont > 1"))))
                .contains("p.yaml:7:3 services.api.tables.entries.where", "undeclared reference to 'amuont'");
        assertThat(problems(entries().where(expression("id + 1")))).contains("neither true nor false");
        assertThat(problems(entries().rules(List.of(rule("r", "amount ==")))))
                .contains("services.api.tables.entries.rules.r");
        assertThat(problems(entries().columns(ColumnsSpec.andOthers(List.of(computed("x", "open", "bigint"))))))
                .contains("columns.x", "can't become bigint", "it is boolean");
        assertThat(problems(entries().columns(ColumnsSpec.andOthers(List.of(computed("x", "[1, 2]", null))))))
                .contains("say its type");
    }
}

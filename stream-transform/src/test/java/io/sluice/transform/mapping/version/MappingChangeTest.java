package io.sluice.transform.mapping.version;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import io.sluice.transform.mapping.Baselines;
import io.sluice.transform.mapping.Mapping;
import io.sluice.transform.mapping.ServiceMapping;
import io.sluice.transform.mapping.SourceTable;
import io.sluice.transform.mapping.version.MappingChange.Effect;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MappingChangeTest {

    private static final TargetTable TARGET = TargetTable.inDefaultSchema("orders");
    private static final TableId SOURCE = new TableId("monolith", "public", "orders");
    private static final Column ID = required("id", Simple.INT64, "bigint");
    private static final Column AMOUNT = column("amount", Simple.INT32, "integer");
    private static final Column NAME = column("name", Simple.TEXT, "character varying(10)");
    private static final Column NOTE = column("note", Simple.TEXT, "text");

    private static TableSpecBuilder table() {
        return TableSpec.builder(TARGET, SOURCE);
    }

    private static SourceTable source(Column... columns) {
        return new SourceTable(SOURCE, new RowSchema("orders", List.of(columns), List.of("id")), true);
    }

    /** The version as a start makes it. */
    private static TableVersion version(TableSpecBuilder builder, SourceTable source, TableVersion... before) {
        TableSpec spec = builder.partitions(1).build();
        Optional<TableVersion> old = before.length == 0 ? Optional.empty() : Optional.of(before[0]);
        Baselines baselines = old.map(kept -> new Baselines(Map.of(
                        new Baselines.Pair(TARGET, SOURCE),
                        new HashSet<>(kept.known().get(SOURCE.toString())))))
                .orElse(Baselines.NONE);
        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("postgresql://x/y"), List.of(spec));
        ServiceMapping mapping = Mapping.compile(service, List.of(source), baselines);
        assertThat(mapping.problems()).isEmpty();
        return TableVersion.of(spec, mapping.targets().get(TARGET), List.of(source), old);
    }

    private static List<Effect> effects(TableVersion old, TableVersion now) {
        return MappingChange.between(old, now).stream()
                .map(MappingChange::effect)
                .toList();
    }

    private static ColumnSpec computed(String name, String expression) {
        return new ColumnSpec(
                name,
                new ColumnValue.Computed(new Expression(expression, new Place("file.yaml", 7, 3))),
                Optional.of("bigint"),
                Optional.empty(),
                new Place("file.yaml", 7, 1));
    }

    @Test
    void howTheFileIsLaidOutIsNoChange() {
        TableVersion one = version(
                table().columns(ColumnsSpec.only(
                        List.of(ColumnSpec.copied("id"), ColumnSpec.copied("name"), computed("double", "amount * 2")))),
                source(ID, AMOUNT, NAME));
        TableVersion other = version(
                table().columns(ColumnsSpec.only(List.of(
                        computed("double", "  amount\n   *   2 "),
                        ColumnSpec.of("name", new ColumnValue.Field(FieldPath.of("name"))),
                        ColumnSpec.copied("id")))),
                source(ID, AMOUNT, NAME));

        assertThat(MappingChange.between(one, other)).isEmpty();
        assertThat(other.fingerprint()).isEqualTo(one.fingerprint()).isEqualTo("2c9742a13f602f8a7099ebbe");
    }

    @Test
    void anotherExpressionFilterRuleOrSplitAsksForTheTableToBeMadeAnew() {
        SourceTable source = source(ID, AMOUNT, NAME);
        TableSpecBuilder computed = table().columns(ColumnsSpec.andOthers(List.of(computed("double", "amount * 2"))));
        TableVersion old = version(computed, source);

        assertThat(MappingChange.between(
                        old,
                        version(
                                table().columns(ColumnsSpec.andOthers(List.of(computed("double", "amount + amount")))),
                                source,
                                old)))
                .containsExactly(new MappingChange(
                        Effect.REBUILD,
                        "column double was made from expression amount * 2 as bigint and is from expression amount + amount"
                                + " as bigint"));
        assertThat(MappingChange.between(
                        version(table(), source),
                        version(table().where(new Expression("amount > 0", Place.NOWHERE)), source)))
                .containsExactly(new MappingChange(Effect.REBUILD, "where was nothing and is amount > 0"));
        assertThat(effects(version(table(), source), version(table().key(List.of("name")), source)))
                .contains(Effect.REBUILD);
    }

    @Test
    void whatAppearedAtTheSourceAndFlowsOnIsNoChangeOfTheMapping() {
        TableVersion old = version(table(), source(ID, AMOUNT));
        TableVersion now = version(table(), source(ID, AMOUNT, NOTE), old);

        assertThat(effects(old, now)).containsExactly(Effect.NONE);
        assertThat(now.known()).containsEntry(SOURCE.toString(), List.of("amount", "id", "note"));
    }

    @Test
    void aColumnThatTheSourceHadAndTheMappingLeftOutIsMissingInTheRowsThatAreThere() {
        ColumnsSpec less = ColumnsSpec.only(List.of(ColumnSpec.copied("id"), ColumnSpec.copied("amount")));
        TableVersion old = version(table().columns(less), source(ID, AMOUNT, NOTE));

        assertThat(effects(old, version(table(), source(ID, AMOUNT, NOTE), old)))
                .containsExactly(Effect.REBUILD);
    }

    @Test
    void aColumnThatWasLeftOutAsDriftIsMissingInTheRowsThatAreThere() {
        for (TableSpecBuilder leavingOut : List.of(
                table().onDrift(DriftPolicy.IGNORE),
                table().columns(ColumnsSpec.only(List.of(ColumnSpec.copied("id"), ColumnSpec.copied("amount")))))) {
            TableVersion begun = version(leavingOut, source(ID, AMOUNT));
            TableVersion restarted = version(leavingOut, source(ID, AMOUNT, NOTE), begun);
            assertThat(MappingChange.between(begun, restarted)).isEmpty();
            assertThat(restarted.known()).isEqualTo(begun.known());

            assertThat(effects(restarted, version(table(), source(ID, AMOUNT, NOTE), restarted)))
                    .containsExactly(Effect.REBUILD);
            TableVersion halting = version(table().onDrift(DriftPolicy.HALT), source(ID, AMOUNT, NOTE), restarted);
            assertThat(effects(halting, version(table(), source(ID, AMOUNT, NOTE), halting)))
                    .containsExactly(Effect.REBUILD);
        }
    }

    @Test
    void whereNothingNewPassedItMayBeCarriedFromNowOn() {
        TableVersion begun = version(table().onDrift(DriftPolicy.HALT), source(ID, AMOUNT));
        TableVersion listed = version(
                table().onDrift(DriftPolicy.HALT).columns(ColumnsSpec.andOthers(List.of(ColumnSpec.copied("note")))),
                source(ID, AMOUNT, NOTE),
                begun);

        assertThat(effects(begun, listed)).containsExactly(Effect.NONE);
    }

    @Test
    void aColumnThatFlowedOnIsKnownOnceNothingNewIsToPass() {
        TableVersion flowing = version(table(), source(ID, AMOUNT));
        TableVersion strict = version(table().onDrift(DriftPolicy.HALT), source(ID, AMOUNT, NOTE), flowing);

        assertThat(strict.known()).containsEntry(SOURCE.toString(), List.of("amount", "id", "note"));
    }

    @Test
    void aTypeThatTheSourceChangedIsToldAndAWiderOneIsNothing() {
        TableVersion old = version(table(), source(ID, AMOUNT, NAME));

        assertThat(effects(old, version(table(), source(ID, column("amount", Simple.INT64, "bigint"), NAME), old)))
                .containsExactly(Effect.NONE);
        assertThat(effects(
                        old,
                        version(table(), source(ID, AMOUNT, column("name", Simple.TEXT, "character varying(5)")), old)))
                .containsExactly(Effect.FROM_NOW_ON);
    }

    @Test
    void whatOnlyLaterChangesAreWrittenByIsTold() {
        TableVersion old = version(table(), source(ID, AMOUNT));

        assertThat(MappingChange.between(
                        old, version(table().deletes(new DeletePolicy.Ignore()), source(ID, AMOUNT), old)))
                .containsExactly(new MappingChange(Effect.FROM_NOW_ON, "deletes was hard and is ignore"));
        assertThat(effects(old, version(table(), source(ID), old))).containsExactly(Effect.NONE);
    }

    @Test
    void rowsThatLackChangesWhichWereLeftOutOnPurposeAreRebuilt() {
        for (TableSpecBuilder before : List.of(
                table().write(WriteSpec.appendOnly()),
                table().write(WriteSpec.firstWins()),
                table().write(WriteSpec.upserting(List.of("amount"))),
                table().deletes(new DeletePolicy.Ignore()),
                table().conflict(new ConflictSpec(
                        ConflictSpec.Resolution.LAST_WRITE_WINS, Optional.of("amount"), false, Place.NOWHERE)))) {
            TableVersion old = version(before, source(ID, AMOUNT, NOTE));

            assertThat(effects(old, version(table(), source(ID, AMOUNT, NOTE), old)))
                    .as("%s", old.settings())
                    .isNotEmpty()
                    .containsOnly(Effect.REBUILD);
        }
    }

    @Test
    void whatIsKeptIsReadBack() {
        TableVersion version = version(
                table().columns(ColumnsSpec.andOthers(List.of(computed("Odd \"name\"", "amount * 2"))))
                        .onDrift(DriftPolicy.IGNORE),
                source(ID, AMOUNT, NAME));
        VersionJson json = new VersionJson();

        assertThat(json.read(json.write(version))).isEqualTo(version);
        for (String wrong : List.of("{", "{\"form\": 2}", "7")) {
            assertThat(catchThrowable(() -> json.read(wrong))).isInstanceOf(IllegalArgumentException.class);
        }
    }
}

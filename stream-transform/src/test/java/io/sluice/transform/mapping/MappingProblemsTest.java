package io.sluice.transform.mapping;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Literal;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.pipeline.WriteSpec;
import io.sluice.transform.mapping.value.SqlType;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappingProblemsTest {

    private static final TableId USERS = new TableId("monolith", "public", "users");
    private static final TargetTable TARGET = TargetTable.inDefaultSchema("people");
    private static final Place PLACE = new Place("p.yaml", 7, 3);

    private static final RowSchema SCHEMA = new RowSchema(
            "users",
            List.of(
                    required("id", Simple.INT32, "integer"),
                    required("email", Simple.TEXT, "character varying(80)"),
                    column("seen", Simple.TIMESTAMPTZ, "timestamp with time zone"),
                    column("score", new Numeric(6, 2), "numeric(6,2)")),
            List.of("id"));

    private static TableSpecBuilder people() {
        return TableSpec.builder(TARGET, USERS).place(PLACE);
    }

    private static ColumnSpec listed(String name, ColumnValue value, String type, Literal defaultValue) {
        return new ColumnSpec(name, value, Optional.ofNullable(type), Optional.ofNullable(defaultValue), PLACE);
    }

    private static ColumnValue field(String... path) {
        return new ColumnValue.Field(FieldPath.of(path));
    }

    private static List<MappingProblem> problems(TableSpec table, boolean wholeBefore) {
        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("postgresql://x/y"), List.of(table));
        Compilation compilation = Mapping.compile(service, table, new SourceTable(USERS, SCHEMA, wholeBefore));
        return compilation instanceof Compilation.Refused refused ? refused.problems() : List.of();
    }

    private static List<MappingProblem> problems(TableSpecBuilder table) {
        return problems(table.build(), false);
    }

    private static ColumnSpec numbered(String name, String... fields) {
        return listed(
                name,
                new ColumnValue.Generated(
                        ColumnValue.GeneratedKind.SERIAL,
                        List.of(fields).stream().map(MappingProblemsTest::field).toList()),
                null,
                null);
    }

    /** The row that email names may be numbered elsewhere, by its own fields: here it would get another number. */
    @Test
    void aReferenceToAnotherSourceTableIsNotNumbered() {
        assertThat(problems(
                        people().key(List.of("n")).columns(others(numbered("n", "id"), numbered("parent", "email")))))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.path()).isEqualTo("services.api.tables.people.columns.parent");
                    assertThat(problem.message()).contains("another source table");
                });
        assertThat(problems(people().columns(others(numbered("n", "id"))))).isEmpty();
    }

    private static ColumnsSpec others(ColumnSpec... columns) {
        return ColumnsSpec.andOthers(List.of(columns));
    }

    @Test
    void allProblemsAreFoundAtOnceEachWithItsPlaceAndPath() {
        List<MappingProblem> problems = problems(people().columns(others(
                listed("mail", field("emial"), null, null),
                listed("seen", field("seen"), "timestamp", null),
                listed("level", new ColumnValue.Constant(new Literal.Text("high")), "integer", null),
                listed("kind", new ColumnValue.Constant(new Literal.Text("x")), "varchr(3)", null),
                listed("gone", new ColumnValue.Dropped(), null, null))));

        assertThat(problems).hasSize(5).allMatch(problem -> problem.place().equals(PLACE));
        assertThat(problems)
                .extracting(MappingProblem::path)
                .containsExactlyInAnyOrder(
                        "services.api.tables.people.columns.mail",
                        "services.api.tables.people.columns.seen",
                        "services.api.tables.people.columns.level",
                        "services.api.tables.people.columns.kind",
                        "services.api.tables.people.columns.gone");
        assertThat(problems.toString()).contains("has no column emial", "it has id, email, seen, score", "varchr(3)");
    }

    @Test
    void whatALoadDidNotSeeIsDeletedNotMarked() {
        TableSpecBuilder read = people().onTruncate(TruncatePolicy.RESNAPSHOT);
        assertThat(problems(read.build(), false)).isEmpty();
        assertThat(problems(read.deletes(new DeletePolicy.Soft("gone")).build(), false))
                .extracting(MappingProblem::path)
                .containsExactly("services.api.tables.people.on-truncate");
    }

    @Test
    void whateverThisVersionCannotDoIsRefusedRatherThanPassedOver() {
        TableSpec table = people().onTruncate(TruncatePolicy.APPLY).build();

        assertThat(problems(table, false))
                .extracting(problem -> problem.path().replace("services.api.tables.people.", ""))
                .containsExactly("on-truncate");
        ServiceSpec strong = ServiceSpec.strong("api", TargetSpec.postgresql("x"), List.of(people().build()));
        assertThat(Mapping.unsupported(strong)).isEmpty();
    }

    @Test
    void numbersOfTheTargetsOwnAreWholeNumbersOfColumnsThatCanBeNamed() {
        ColumnValue numbers = new ColumnValue.Generated(
                ColumnValue.GeneratedKind.SERIAL, List.of(new ColumnValue.Field(FieldPath.of("id"))));
        assertThat(problems(people().columns(others(listed("d", numbers, "numeric(20)", null)))))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.path()).isEqualTo("services.api.tables.people.columns.d");
                    assertThat(problem.remedy()).contains("bigint");
                });
        assertThat(problems(people().columns(others(listed("d", numbers, "integer", null)))))
                .isEmpty();
    }

    @Test
    void aKeyThatAnUpdateMayMoveNeedsTheRowBefore() {
        TableSpec table = people().key(List.of("email")).partitions(1).build();

        assertThat(problems(table, false))
                .singleElement()
                .extracting(MappingProblem::remedy)
                .isEqualTo("ALTER TABLE \"public\".\"users\" REPLICA IDENTITY FULL");
        assertThat(problems(table, true)).isEmpty();
    }

    @Test
    void whereTheLastWriteWinsNoPartOfARowMayBeLaidOverAnotherWritersRow() {
        ConflictSpec latest = new ConflictSpec(
                ConflictSpec.Resolution.LAST_WRITE_WINS, Optional.of("seen"), false, new Place("p.yaml", 9, 5));
        TableSpec table = people().conflict(latest).build();

        assertThat(problems(table, false)).singleElement().satisfies(problem -> {
            assertThat(problem.place().line()).isEqualTo(9);
            assertThat(problem.path()).isEqualTo("services.api.tables.people.conflict");
            assertThat(problem.message()).contains("column email");
            assertThat(problem.remedy()).isEqualTo("ALTER TABLE \"public\".\"users\" REPLICA IDENTITY FULL");
        });
        assertThat(problems(table, true)).isEmpty();
        TableSpecBuilder small = people().conflict(latest).write(WriteSpec.upserting(List.of("seen", "score")));
        assertThat(problems(small)).isEmpty();
    }

    @Test
    void aKeyWhoseEqualValuesMayBeWrittenDifferentlyIsRefused() {
        RowSchema schema = new RowSchema(
                "users",
                List.of(
                        required("id", Simple.INT32, "integer"),
                        required("name", new LogicalType.Native("citext"), "citext"),
                        required("doc", Simple.JSON, "jsonb")),
                List.of("id"));
        for (String column : List.of("name", "doc")) {
            TableSpec table = people().key(List.of(column)).partitions(1).build();
            ServiceSpec service =
                    ServiceSpec.eventual("api", TargetSpec.postgresql("postgresql://x/y"), List.of(table));
            Compilation compilation = Mapping.compile(service, table, new SourceTable(USERS, schema, true));
            assertThat(compilation).isInstanceOf(Compilation.Refused.class);
            assertThat(((Compilation.Refused) compilation).problems())
                    .singleElement()
                    .extracting(MappingProblem::message)
                    .asString()
                    .contains("column " + column, "written differently");
        }
    }

    @Test
    void aKeyThatIsNotTheSourcesKeyNeedsItsChangesInOneOrder() {
        assertThat(problems(people().key(List.of("email")).build(), true))
                .singleElement()
                .extracting(MappingProblem::message)
                .asString()
                .contains("overtake");
    }

    @Test
    void aDroppedSourceKeyNeedsAnotherOne() {
        ColumnsSpec withoutId = others(listed("id", new ColumnValue.Dropped(), null, null));

        assertThat(problems(people().columns(withoutId)))
                .singleElement()
                .extracting(MappingProblem::path)
                .isEqualTo("services.api.tables.people.key");
    }

    @Test
    void keysAndColumnsThatOtherSettingsNameMustExist() {
        List<MappingProblem> problems =
                problems(people().key(List.of("nope")).write(WriteSpec.upserting(List.of("email", "neither"))));

        assertThat(problems.toString())
                .contains("no column nope", "no column neither")
                .doesNotContain("column email");
    }

    @Test
    void severalSourcesNeedKeysThatStayApart() {
        TableId other = new TableId("second", "public", "users");
        TableSpecBuilder both = TableSpec.builder(TARGET, List.of(USERS, other));

        assertThat(problems(both)).singleElement().asString().contains("same key");
        assertThat(problems(both.disjointKeys(true))).isEmpty();
        assertThat(problems(both.disjointKeys(false)
                        .key(List.of("source", "id"))
                        .columns(others(listed(
                                "source",
                                new ColumnValue.Variable(ColumnValue.VariableName.SOURCE, Optional.empty()),
                                null,
                                null)))))
                .isEmpty();
    }

    @Test
    void keysThatAreGeneratedDifferFromTableToTable() {
        ColumnsSpec generated = others(listed(
                "number",
                new ColumnValue.Generated(
                        ColumnValue.GeneratedKind.UUID, List.of(new ColumnValue.Field(FieldPath.of("id")))),
                "uuid",
                null));
        TableSpecBuilder both = TableSpec.builder(TARGET, List.of(USERS, new TableId("monolith", "public", "others")));

        assertThat(problems(both.columns(generated))).isEmpty();
        assertThat(problems(both.columns(generated).key(List.of("number")))).isEmpty();
        assertThat(problems(both.columns(generated).key(List.of("id"))))
                .singleElement()
                .asString()
                .contains("same key");
    }

    @Test
    void sourcesOfOneTargetMustAgreeOnItsKeyOrRowsOfOneKeyWouldGoDifferentWays() {
        TableId other = new TableId("second", "public", "users");
        List<Column> columns = List.of(required("a", Simple.INT32, "integer"), required("b", Simple.INT32, "integer"));
        TableSpec table = TableSpec.builder(TARGET, List.of(USERS, other))
                .disjointKeys(true)
                .build();
        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("x"), List.of(table));

        ServiceMapping mapping = Mapping.compile(
                service,
                List.of(
                        new SourceTable(USERS, new RowSchema("users", columns, List.of("a", "b")), false),
                        new SourceTable(other, new RowSchema("users", columns, List.of("b", "a")), false)));

        assertThat(mapping.problems())
                .singleElement()
                .asString()
                .contains("do not agree on its key: one has (a, b), another (b, a)");
    }

    @Test
    void sourcesOfOneTargetMustAgreeOnItsColumns() {
        TableId other = new TableId("second", "public", "users");
        TableSpec table = TableSpec.builder(TARGET, List.of(USERS, other))
                .disjointKeys(true)
                .build();
        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("x"), List.of(table));
        RowSchema wider = new RowSchema(
                "users",
                List.of(
                        required("id", Simple.INT32, "integer"),
                        required("email", Simple.TEXT, "text"),
                        required("seen", Simple.TIMESTAMPTZ, "timestamp with time zone"),
                        column("score", new Numeric(6, 2), "numeric(6,2)")),
                List.of("id"));

        ServiceMapping mapping = Mapping.compile(
                service, List.of(new SourceTable(USERS, SCHEMA, false), new SourceTable(other, wider, false)));

        assertThat(mapping.problems()).singleElement().asString().contains("do not agree on column email");
        ServiceMapping alone = Mapping.compile(service, List.of(new SourceTable(USERS, SCHEMA, false)));
        assertThat(alone.problems()).isEmpty();
        assertThat(alone.targets().get(TARGET).columns()).isEqualTo(SCHEMA.columns());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer|bigint|yes",
                "integer|smallint|yes",
                "integer|numeric(10,0)|yes",
                "integer|numeric(9,0)|yes",
                "numeric(6,2)|numeric(8,3)|yes",
                "numeric(6,2)|numeric(6,3)|yes",
                "numeric(6,2)|numeric|yes",
                "numeric|numeric(6,2)|yes",
                "real|double precision|yes",
                "double precision|real|yes",
                "character varying(80)|text|yes",
                "text|varchar(20)|yes",
                "text|char(20)|no",
                "character(20)|text|yes",
                "timestamp(3) without time zone|timestamp|yes",
                "timestamp without time zone|timestamp(3)|yes",
                "timestamp without time zone|timestamptz|no",
                "timestamp with time zone|timestamp|no",
                "date|timestamptz|no",
                "bytea|text|no",
                "text|bytea|no",
                "integer|jsonb|no",
                "text|numeric(6,2)|yes",
                "boolean|text|yes",
                "json|jsonb|yes",
                "text|jsonb|yes",
                "text[]|varchar[]|yes",
                "integer[]|bigint[]|yes"
            })
    void onlyATypeThatSaysWhatTheValuesSayMayBeDeclared(String source, String wanted, String allowed) {
        SqlType from = SqlType.parse(source).orElseThrow();
        RowSchema schema = new RowSchema(
                "users",
                List.of(required("id", Simple.INT32, "integer"), column("value", from.type(), from.declared())),
                List.of("id"));
        TableSpec table = people().columns(others(listed("value", field("value"), wanted, null)))
                .build();
        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("x"), List.of(table));

        Compilation compilation = Mapping.compile(service, table, new SourceTable(USERS, schema, false));

        assertThat(compilation instanceof Compilation.Compiled).isEqualTo(allowed.equals("yes"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer|5|5",
                "integer|2147483648|",
                "numeric(4,2)|1.5|1.50",
                "numeric(4,2)|1.555|",
                "numeric(4,2)|100|",
                "text|7|",
                "bigint|1.5|"
            })
    void aConstantIsAnExactValueOfItsTypeOrAProblem(String type, BigDecimal written, String held) {
        TableSpec table = people().columns(
                        others(listed("value", new ColumnValue.Constant(new Literal.Decimal(written)), type, null)))
                .build();

        ServiceSpec service = ServiceSpec.eventual("api", TargetSpec.postgresql("x"), List.of(table));
        Compilation compilation = Mapping.compile(service, table, new SourceTable(USERS, SCHEMA, false));

        if (held == null) {
            assertThat(compilation).isInstanceOf(Compilation.Refused.class);
        } else {
            assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
            Optional<Object> value = new Literals()
                    .valueOf(
                            new Literal.Decimal(written),
                            SqlType.parse(type).orElseThrow().type(),
                            null);
            assertThat(value.orElseThrow()).hasToString(held);
        }
    }
}

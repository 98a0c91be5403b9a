package io.sluice.transform.mapping.custom;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.MapperSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.transform.SourceRows;
import io.sluice.transform.mapping.Compilation;
import io.sluice.transform.mapping.CompiledMapping;
import io.sluice.transform.mapping.Mapping;
import io.sluice.transform.mapping.MappingProblem;
import io.sluice.transform.mapping.MappingResult;
import io.sluice.transform.mapping.SourceTable;
import io.sluice.transform.spec.SpecResult;
import io.sluice.transform.spec.SpecSuite;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomMappingTest {

    private static final Path EXAMPLE = Path.of("../examples/row-mapper");
    private static final TableId ORDERS = new TableId("monolith", "public", "orders");

    private final SourceRows orders = new SourceRows(
            ORDERS,
            List.of(
                    SourceRows.required("id", Simple.INT64, "bigint"),
                    SourceRows.column("secret", Simple.TEXT, "text")),
            "id");

    @TempDir
    private Path folder;

    private Compilation compile(String jar, String className, List<String> key) {
        TableSpec table = TableSpec.builder(TargetTable.inDefaultSchema("copies"), ORDERS)
                .key(key)
                .mapper(new MapperSpec(folder.resolve(jar).toString(), className, new Place("pipeline.yaml", 9, 17)))
                .build();
        ServiceSpec service = ServiceSpec.eventual("shop", TargetSpec.postgresql("postgresql://x/y"), List.of(table));
        return Mapping.compile(service, table, new SourceTable(ORDERS, orders.schema(), false));
    }

    private CompiledMapping mapping(String body) throws IOException {
        write(
                body,
                "MappedColumn.required(\"id\", \"bigint\"), MappedColumn.of(\"kind\", \"varchar(3)\"),"
                        + " MappedColumn.of(\"sum\", \"numeric(4,2)\")");
        Compilation compilation = compile("classes", "com.example.Mine", List.of());
        assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
        return ((Compilation.Compiled) compilation).mapping();
    }

    private void write(String body, String columns) throws IOException {
        Path source = folder.resolve("Mine.java");
        Files.writeString(
                source,
                """
                package com.example;
                import io.sluice.schemas.mapper.*;
                import io.sluice.schemas.model.*;
                import java.util.*;
                public class Mine implements RowMapper {
                    public List<MappedColumn> columns(RowSchema source) { return List.of(%s); }
                    public void map(Change change, RowChanges out) {
                        Change.Upserted up = (Change.Upserted) change;
                        Object id = up.after().value("id");
                        %s
                    }
                }
                """
                        .formatted(columns, body));
        JavaSources.compile(source, folder.resolve("classes"));
    }

    private String problem(String jar, String className, List<String> key) {
        return ((Compilation.Refused) compile(jar, className, key))
                .problems().stream()
                        .map(MappingProblem::toString)
                        .map(text -> text.replace(folder.toString() + "/", ""))
                        .reduce("", (one, other) -> one + other + "\n");
    }

    @Test
    void theExampleBuildsAndDoesWhatItsSpecsSay() throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLE)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .toList()) {
                Path copy = folder.resolve(EXAMPLE.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        JavaSources.compile(EXAMPLE.resolve("src/com/example/OrderLines.java"), folder.resolve("target/classes"));

        SpecSuite suite = SpecSuite.read(folder.resolve("orders.yaml"));

        assertThat(suite.problems()).isEmpty();
        assertThat(suite.run()).hasSize(3).allMatch(SpecResult::passed);
    }

    @Test
    void aJarServesAsWellAsAFolder() throws IOException {
        write("out.upsert(Map.of(\"id\", id));", "MappedColumn.required(\"id\", \"bigint\")");
        try (OutputStream out = Files.newOutputStream(folder.resolve("mine.jar"));
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("com/example/Mine.class"));
            zip.write(Files.readAllBytes(folder.resolve("classes/com/example/Mine.class")));
        }
        CompiledMapping mapping = ((Compilation.Compiled) compile("mine.jar", "com.example.Mine", List.of())).mapping();

        MappingResult result = mapping.apply(orders.insert(1L, "s"));

        assertThat(((MappingResult.Mapped) result).changes())
                .singleElement()
                .isInstanceOf(RowChange.Upsert.class)
                .satisfies(change -> assertThat(change.key().part(0)).isEqualTo(1L));
        assertThat(mapping.isKeyedAsSource()).isTrue();
    }

    @Test
    void whatCannotBeLoadedIsAProblemWithItsPlace() throws IOException {
        write("", "MappedColumn.of(\"id\", \"bigint\"), MappedColumn.of(\"other\", \"bigintt\")");

        assertThat(problem("none.jar", "com.example.Mine", List.of()))
                .isEqualTo(
                        "pipeline.yaml:9:17 services.shop.tables.copies.mapper: there is no file none.jar; build it, or"
                                + " mend the path: a relative one starts at the pipeline file's folder\n");
        assertThat(problem("classes", "com.example.Mime", List.of()))
                .contains("classes holds no class com.example.Mime; did you mean \"com.example.Mine\"?");
        assertThat(problem("classes", "java.lang.String", List.of()))
                .contains("java.lang.String does not implement io.sluice.schemas.mapper.RowMapper");
        assertThat(problem("classes", "com.example.Mine", List.of()))
                .contains("declares column other of a type that we don't know, bigintt");
        assertThat(problem("classes", "com.example.Mine", List.of("nothing")))
                .contains("declares no column nothing, which is to be in the key");
    }

    @Test
    void aKeyThatIsNotTheSourcesNeedsToKnowWhatARowWas() throws IOException {
        write("", "MappedColumn.of(\"id\", \"bigint\"), MappedColumn.of(\"other\", \"bigint\")");

        assertThat(problem("classes", "com.example.Mine", List.of("other")))
                .contains("rows that it leaves behind could not be told")
                .contains("could overtake each other");
        assertThat(problem("classes", "com.example.Mine", List.of("id", "other")))
                .contains("rows that it leaves behind could not be told")
                .doesNotContain("overtake");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    throw new IllegalStateException((String) up.after().value("secret")); | the mapper fails with java.lang.IllegalStateException at com.example.Mine.map(Mine.java:10)
                    map(change, out);                                                     | the mapper fails with java.lang.StackOverflowError
                    out.reject("it is odd");                                              | the mapper rejects it: it is odd
                    out.upsert(Map.of("id", 7));                                          | the mapper gives column id what does not fit bigint, a Integer
                    out.upsert(Map.of("kind", "abc"));                                    | the mapper gives no value to column id
                    out.upsert(Map.of("id", id, "kind", "abcd"));                         | the mapper gives column kind what does not fit character varying(3), a String
                    out.upsert(Map.of("id", id, "sum", new java.math.BigDecimal("1.005"))); | the mapper gives column sum what does not fit numeric(4,2), a BigDecimal
                    out.upsert(Map.of("id", id, "knd", "abc"));                           | the mapper gives a column that it did not declare
                    out.delete(Map.of("kind", "abc"));                                    | the mapper leaves key column id null
                    out.upsert(Map.of("id", Unchanged.UNCHANGED));                        | the mapper leaves key column id unknown
                    out.upsert(Map.of("id", 2L));                                         | the mapper gives key column id another value than the source's own key has
                    try { out.reject("caught"); } catch (RuntimeException e) { }          | the mapper rejects it: caught
                    """)
    void whatIsNoRowOfTheTableRejectsTheChangeWithoutAValue(String body, String reason) throws IOException {
        MappingResult result = mapping(body).apply(orders.insert(1L, "hush"));

        assertThat(result).isInstanceOf(MappingResult.Rejected.class);
        MappingResult.Rejected rejected = (MappingResult.Rejected) result;
        assertThat(rejected.cause()).isEqualTo(MappingResult.Cause.MAPPER);
        assertThat(rejected.reason()).startsWith(reason).doesNotContain("hush");
    }

    @Test
    void itSeesNothingOfOursButWhatIsPublished() throws IOException {
        MappingResult result = mapping(
                        """
                        for (String name : List.of("io.sluice.transform.mapping.Mapping", "com.fasterxml.jackson.databind.JsonNode")) {
                            try {
                                Class.forName(name);
                                out.reject("it sees " + name);
                            } catch (ClassNotFoundException e) {
                            }
                        }
                        """)
                .apply(orders.insert(1L, "s"));

        assertThat(result).isInstanceOf(MappingResult.Mapped.class);
    }

    @Test
    void aTruncatedTableNeverComesToIt() throws IOException {
        assertThat(mapping("throw new IllegalStateException();").apply(orders.truncate()))
                .isInstanceOfSatisfying(MappingResult.Rejected.class, rejected -> assertThat(rejected.cause())
                        .isEqualTo(MappingResult.Cause.TRUNCATED));
    }
}

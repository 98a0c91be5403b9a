package io.sluice.transform.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.platform.config.Problem;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecSuiteTest {

    @TempDir
    private Path folder;

    private String run(String specs) {
        SpecSuite suite = SpecSuite.read(SpecFiles.write(folder, specs));
        assertThat(suite.problems()).isEmpty();
        return shortened(new SpecReport(false).results(suite.run()));
    }

    private List<String> problems(String specs) {
        return SpecSuite.read(SpecFiles.write(folder, specs)).problems().stream()
                .map(Problem::toString)
                .map(this::shortened)
                .toList();
    }

    private String shortened(String text) {
        return text.replace(folder + "/specs/", "");
    }

    @Test
    void whatIsAsExpectedPasses() {
        assertThat(
                        run(
                                """
                                specs:
                                  - name: passes
                                    steps:
                                      - insert: {id: 1, total: 10}
                                        expect: {invoices: {upsert: {id: 1, total: 10.00, note: null, tags: null, extra: null}}}
                                """))
                .isEqualTo("invoices.yaml: 1 passed, 0 failed\n1 passed, 0 failed\n");
    }

    @Test
    void rowsThatDifferAreShownColumnByColumn() {
        assertThat(
                        run(
                                """
                                specs:
                                  - name: differs
                                    steps:
                                      - insert: {id: 1, total: 10, note: "", tags: [a, null], extra: {b: 1, a: [1.0]}}
                                        expect:
                                          invoices:
                                            upsert: {id: 1, total: 10.01, note: null, tags: [a], extra: {a: [1], b: 1}}
                                """))
                .isEqualTo(
                        """
                        FAILED invoices.yaml:7:5 differs
                          invoices.yaml:12:21 invoices: the row differs
                            column  expected         actual
                            id      1                1
                          ! total   10.01            10
                          ! note    null             ""
                          ! tags    [a]              [a, null]
                            extra   {"a":[1],"b":1}  {"b":1,"a":[1.0]}

                        invoices.yaml: 0 passed, 1 failed
                        0 passed, 1 failed
                        """);
    }

    @Test
    void aLongValueIsCutToWhereItDiffers() {
        String same = "x".repeat(100);
        assertThat(run(
                        """
                                specs:
                                  - name: differs
                                    columns: named
                                    steps:
                                      - insert: {id: 1, total: 10, note: %s1}
                                        expect: {invoices: {upsert: {note: %s2}}}
                                """
                                .formatted(same, same)))
                .contains("! note    …xxxxxxxxxxxx2  …xxxxxxxxxxxx1\n");
    }

    @Test
    void anUnexpectedChangeRejectionAndRowAreFailures() {
        assertThat(
                        run(
                                """
                                specs:
                                  - name: does more than expected
                                    columns: named
                                    steps:
                                      - insert: {id: 1, total: 10}
                                        expect: {}
                                      - delete: {id: 1}
                                        expect: {invoices: [{delete: {id: 1}}, {upsert: {id: 1}}]}
                                      - insert: {id: 2, total: 3}
                                        expect: {invoices: {delete: {id: 2}}}
                                      - insert: {id: 3, total: 3}
                                        expect: {invoices: {rejected: too small}}
                                      - truncate: true
                                      - truncate: true
                                        expect: {invoices: {rejected: the sky}}
                                    finally:
                                      invoices: [{id: 2, total: 4}, {id: 9}]
                                """))
                .contains("invoices.yaml:10:9 invoices: no change was expected, but it gets an upsert\n")
                .contains("invoices.yaml:12:9 invoices: 2 changes expected, but it gets 1 change: a delete\n")
                .contains("invoices: a delete was expected, but it gets an upsert\n")
                .contains("invoices: a rejection was expected, but it gets an upsert\n")
                .contains("invoices.yaml:18:9 invoices: the change is rejected: the table was truncated")
                .contains("invoices: the change is rejected for another reason\n")
                .contains("invoices: in the end, a row differs\n")
                .contains("invoices: in the end, a row is missing\n")
                .contains("invoices: in the end, there is a row that was not expected\n")
                .endsWith("0 passed, 1 failed\n");
    }

    @Test
    void allThatIsWrongIsSaidAtOnceWithItsPlace() {
        assertThat(
                        problems(
                                """
                                specs:
                                  - name: makes no sense
                                    steps:
                                      - insert: {id: x, totl: 10.00}
                                        expect: {invoices: {upsert: {id: 1}}}
                                      - insert: {id: 1}
                                      - update: {id: 5, total: 3}
                                        expect: {invoice: {delete: {id: 1}}}
                                      - insrt: {id: 1}
                                  - name: nothing
                                    service: biling
                                    steps: []
                                  - name: of no table
                                    table: monolith.public.invoics
                                    steps:
                                      - delete: {id: 1}
                                        expect: {invoices: {delete: {id: 1}, rejected: x}}
                                  - name: expects nothing
                                    steps: [{delete: {id: 1}}]
                                """))
                .containsExactly(
                        "invoices.yaml:9:22 specs.steps.insert.id: \"x\" is no value of type bigint; write it as PostgreSQL"
                                + " would show it",
                        "invoices.yaml:9:25 specs.steps.insert.totl: invoices has no such column; did you mean \"total\"?",
                        "invoices.yaml:10:29 specs.steps.expect.invoices.upsert: says nothing of total, note, tags, extra;"
                                + " name it, or compare only what is named with columns: named",
                        "invoices.yaml:11:9 specs.steps.insert: lacks column total, which is not null",
                        "invoices.yaml:12:9 specs.steps.update: says nothing of note, tags, extra, and no earlier step does;"
                                + " insert the row first, say what it was under before:, or name every column",
                        "invoices.yaml:13:18 specs: no table \"invoice\" of billing comes from the tables that are declared;"
                                + " did you mean \"invoices\"?",
                        "invoices.yaml:14:9 specs.steps.insrt: unknown key; did you mean \"insert\"?",
                        "invoices.yaml:16:14 specs.service: there is no service \"biling\"; did you mean \"billing\"?",
                        "invoices.yaml:19:12 specs.table: billing does not read monolith.public.invoics; did you mean"
                                + " \"monolith.public.invoices\"?",
                        "invoices.yaml:22:28 specs.steps.expect.invoices: is not one change; give one of upsert, delete,"
                                + " rejected and rule",
                        "invoices.yaml:23:5 specs: expects nothing; say with expect: or finally: what becomes of its steps");
    }

    @Test
    void aDeclarationThatMakesNoSenseIsAProblem() {
        assertThat(SpecSuite.read(
                                SpecFiles.write(
                                        folder,
                                        """
                                        pipeline: shop
                                        sources: {monolith: {postgresql: "${env:MONOLITH_URL}"}}
                                        services:
                                          billing:
                                            target: {postgresql: "${env:BILLING_URL}"}
                                            tables: {invoices: {from: monolith.public.invoices}}
                                        """,
                                        """
                                        tables:
                                          monolith.public.invoice:
                                            columns: {id: bigint, at: timestampz(3)}
                                            key: [idd]
                                        """))
                        .problems()
                        .stream()
                        .map(Problem::toString)
                        .map(this::shortened))
                .containsExactly(
                        "invoices.yaml:2:3 tables.monolith.public.invoice: the pipeline reads no such table; did you mean"
                                + " \"monolith.public.invoices\"?",
                        "invoices.yaml:3:31 tables.monolith.public.invoice.columns.at: does not know the type"
                                + " \"timestampz(3)\"; did you mean \"timestamp\"? An enum or another type of your own is"
                                + " written `native NAME`",
                        "invoices.yaml:4:11 tables.monolith.public.invoice.key: no column is called \"idd\"; did you mean"
                                + " \"id\"?");
    }

    @Test
    void aFolderWithoutSpecsIsAProblem() {
        assertThat(SpecSuite.read(folder).problems()).singleElement().asString().contains("holds no specs");
        assertThat(SpecSuite.read(folder.resolve("none")).problems())
                .singleElement()
                .asString()
                .contains("can't be read");
    }

    @Test
    void theJsonSaysWhatTheTextSays() throws Exception {
        SpecSuite suite = SpecSuite.read(
                SpecFiles.write(
                        folder,
                        """
                        specs:
                          - name: differs
                            columns: named
                            steps:
                              - insert: {id: 1, total: 10}
                                expect: {invoices: {upsert: {total: 11}}}
                        """));
        JsonNode json = new ObjectMapper().readTree(new SpecJson().render(suite.problems(), suite.run()));

        assertThat(json.path("passed").asInt()).isZero();
        assertThat(json.path("failed").asInt()).isEqualTo(1);
        JsonNode spec = json.path("specs").path(0);
        assertThat(spec.path("name").asText()).isEqualTo("differs");
        assertThat(spec.path("line").asInt()).isEqualTo(7);
        JsonNode column = spec.path("failures").path(0).path("columns").path(0);
        assertThat(column.path("column").asText()).isEqualTo("total");
        assertThat(column.path("expected").asText()).isEqualTo("11");
        assertThat(column.path("actual").asText()).isEqualTo("10");
        assertThat(column.path("same").asBoolean()).isFalse();
    }

    @Test
    void onlyATerminalGetsColour() {
        List<SpecResult> results =
                SpecSuite.read(SpecFiles.write(folder, "specs: []\n")).run();
        assertThat(new SpecReport(true).results(results)).contains("\u001b[");
        assertThat(new SpecReport(false).results(results)).isEqualTo("0 passed, 0 failed\n");
    }
}

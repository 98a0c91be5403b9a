package io.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Cli cli = new Cli(new Console(new PrintWriter(out), new PrintWriter(err), false));

    @TempDir
    private Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("pipeline.yaml"), text);
    }

    @Test
    void aValidFileIsSummedUp() throws Exception {
        Path file = file(
                """
                pipeline: shop
                sources: {monolith: {postgresql: "postgresql://localhost/monolith"}}
                services:
                  billing:
                    target: {postgresql: "postgresql://localhost/billing"}
                    tables: {invoices: {from: monolith.public.invoices}}
                """);
        assertThat(cli.run("validate", file.toString())).isZero();
        assertThat(out.toString()).contains("is valid: pipeline shop, 1 source, 1 service, 1 table");
    }

    @Test
    void everyMistakeIsPrintedWithItsPlace() throws Exception {
        Path file = file("pipeline: Shop\nsurces: {}\nservices: {}\n");
        assertThat(cli.run("validate", file.toString())).isEqualTo(2);
        assertThat(out.toString())
                .contains("pipeline.yaml:1:11")
                .contains("pipeline.yaml:2:1")
                .contains("did you mean");
    }

    @Test
    void anExpressionThatCantBeReadIsAMistakeLikeAnyOther() throws Exception {
        Path file = file(
                """
                pipeline: shop
                sources: {monolith: {postgresql: "postgresql://localhost/monolith"}}
                services:
                  billing:
                    target: {postgresql: "postgresql://localhost/billing"}
                    tables:
                      invoices:
                        from: monolith.public.invoices
                        where: amount >
                """);
        assertThat(cli.run("validate", file.toString())).isEqualTo(2);
        assertThat(out.toString())
                .contains("pipeline.yaml:9:")
                .contains("where")
                .doesNotContain("Exception");
    }

    @Test
    void aMissingFileIsTheUsersMistake() {
        assertThat(cli.run("validate", folder.resolve("none.yaml").toString())).isEqualTo(2);
        assertThat(out + "" + err).contains("no such file").doesNotContain("Exception");
    }

    @Test
    void everyExampleDoesWhatItsSpecsSay() {
        assertThat(cli.run("test", "../examples")).as(out.toString()).isZero();
        assertThat(out.toString()).containsPattern("(?m)^[1-9]\\d* passed, 0 failed\n\\z");
    }

    @Test
    void aSpecThatFailsIsExitCodeOneAndAFileThatIsWrongTwo() throws Exception {
        file(
                """
                pipeline: shop
                sources: {monolith: {postgresql: "${env:MONOLITH_URL}"}}
                services:
                  billing:
                    target: {postgresql: "${env:BILLING_URL}"}
                    tables: {invoices: {from: monolith.public.invoices}}
                """);
        Path specs = Files.createDirectories(folder.resolve("specs")).resolve("invoices.yaml");
        String declared =
                """
                table: monolith.public.invoices
                tables: {monolith.public.invoices: {columns: {id: bigint}, key: [id]}}
                specs: [{name: fails, steps: [{insert: {id: 1}, expect: {invoices: {upsert: {id: 2}}}}]}]
                """;
        Files.writeString(specs, declared);
        assertThat(cli.run("test", "--json", folder.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("\"failed\" : 1");

        Files.writeString(specs, declared.replace("insert", "isnert"));
        assertThat(cli.run("test", folder.toString())).isEqualTo(2);
        assertThat(out.toString()).contains("did you mean \"insert\"?").endsWith("nothing was run\n");
    }

    @Test
    void whatThisVersionCannotDoIsRefusedBeforeAnyServerIsAsked() throws Exception {
        Path file = file(
                """
                pipeline: shop
                sources:
                  docs: {mongodb: "mongodb://localhost/?replicaSet=rs0"}
                  monolith: {postgresql: "postgresql://localhost/monolith"}
                services:
                  billing:
                    target: {postgresql: "postgresql://localhost/billing"}
                    consistency: best-effort
                    tables:
                      invoices:
                        from: monolith.public.invoices
                        write: append-only
                        reconcile: {every: 5m}
                  mail:
                    target: {postgresql: "postgresql://localhost/mail"}
                    tables: {letters: {from: docs.shop.letters, columns: {id: {from: _id}}, key: [id]}}
                  all:
                    target: {postgresql: "postgresql://localhost/all"}
                    tables: {events: {from: monolith.public.events, deletes: soft(gone), on-truncate: resnapshot}}
                """);
        assertThat(cli.run("run", file.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("services.all.tables.events.on-truncate")
                .contains("rows that a load did not see can")
                .contains("warning: ")
                .contains("pipeline.yaml:");
        // What to mend stands last, and with it that nothing runs.
        assertThat(err.toString().lines().map(line -> line.substring(0, line.indexOf(':'))))
                .containsSubsequence("warning", "error", "Nothing was started")
                .doesNotContainSubsequence("error", "warning");
        assertThat(folder.resolve(".sluice")).doesNotExist();
    }

    @Test
    void wrongArgumentsAreExplained() {
        assertThat(cli.run("validat")).isEqualTo(2);
        assertThat(err.toString()).contains("validate").doesNotContain("Exception");
        assertThat(cli.run("demo", "--rows", "many")).isEqualTo(2);
        assertThat(cli.run("demo", "--rows", "0")).isEqualTo(2);
        assertThat(cli.run()).isEqualTo(2);
    }

    @Test
    void theSchemaIsPrinted() {
        assertThat(cli.run("schema")).isZero();
        assertThat(out.toString()).contains("json-schema.org/draft/2020-12").contains("\"services\"");
    }
}

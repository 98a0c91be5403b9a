package io.sluice.app.cli;

import static io.sluice.app.cli.PlanRig.creations;
import static io.sluice.app.cli.PlanRig.execute;
import static io.sluice.app.cli.PlanRig.findings;
import static io.sluice.app.cli.PlanRig.query;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roles that may do exactly what {@code sluice grants} says run a pipeline, and with any of it less they don't. */
class GrantsIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String SERVICES =
            """
            shop:
              target: {postgresql: "${file:target}"}
              partitions: 1
              tables:
                orders: {from: "monolith.Sales.orders"}
                lines:
                  from: "monolith.Sales.lines"
                  key: [id]
                  columns: {id: {generated: serial-from(no)}}
            """;

    @TempDir
    private Path folder;

    private final Database source = PostgresServer.shared().freshDatabase("granting_source");
    private final Database target = PostgresServer.shared().freshDatabase("granting_target");
    private final Database reader = as("reader", source);
    private final Database writer = as("Writer \"of\"", target);

    private static Database as(String role, Database database) {
        return new Database(
                database.host(),
                database.port(),
                role + database.name(),
                "secret",
                database.name(),
                database.options());
    }

    private static String quoted(Database database) {
        return "\"" + database.user().replace("\"", "\"\"") + "\"";
    }

    @BeforeEach
    void rolesThatMayNothing() throws SQLException {
        execute(
                source,
                """
                CREATE SCHEMA "Sales";
                CREATE TABLE "Sales".orders (id bigint PRIMARY KEY, note text);
                CREATE TABLE "Sales".lines (no text PRIMARY KEY, amount int);
                INSERT INTO "Sales".orders VALUES (1, 'a');
                INSERT INTO "Sales".lines VALUES ('x', 1)""");
        for (Database each : List.of(reader, writer)) {
            execute(each.equals(reader) ? source : target, "CREATE ROLE " + quoted(each) + " LOGIN PASSWORD 'secret'");
        }
        for (Database each : List.of(source, target)) {
            execute(
                    each,
                    "REVOKE ALL ON DATABASE \"" + each.name()
                            + "\" FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC");
        }
    }

    @AfterEach
    void dropRoles() throws SQLException {
        execute(
                source,
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()"
                        + " AND NOT active");
        execute(source, "DROP OWNED BY " + quoted(reader) + "; DROP ROLE " + quoted(reader));
        execute(target, "DROP OWNED BY " + quoted(writer) + "; DROP ROLE " + quoted(writer));
    }

    private static List<String> statements(JsonNode part) {
        List<String> statements = new ArrayList<>();
        part.path("statements").forEach(each -> statements.add(each.asText()));
        return statements;
    }

    @Test
    void whatIsGrantedIsEnoughAndAllOfItIsNeeded() throws Exception {
        try (PlanRig rig = new PlanRig()) {
            // Tables and ledger are an administrator's work, with another file's addresses.
            rig.planned(0, rig.pipeline(folder, "granted", source, target, SERVICES), "--apply");
            execute(source, "DROP PUBLICATION sluice_granted__monolith__shop");
            Path file = rig.pipeline(folder, "granted", reader, writer, SERVICES);
            JsonNode grants = new ObjectMapper().readTree(rig.run(0, "grants", file.toString(), "--json"));
            List<String> atSource = statements(grants.path(0));
            List<String> atTarget = statements(grants.path(1));
            assertThat(rig.run(0, "grants", file.toString()))
                    .contains("-- source monolith, at ")
                    .contains("ALTER ROLE " + quoted(reader) + " REPLICATION;\n")
                    .doesNotContain("secret");
            for (String each : atSource) {
                execute(source, each);
            }
            for (String each : atTarget) {
                execute(target, each);
            }

            assertThat(creations(rig.planned(0, file))).containsExactly("slot sluice_granted__monolith");
            try (SluiceProcess run = SluiceProcess.start(folder.resolve("run.log"), Map.of(), "run", file.toString())) {
                Awaitility.await()
                        .atMost(LONG)
                        .failFast("it ended", () -> !run.isAlive())
                        .until(() -> query(target, "SELECT count(*) FROM orders")
                                        .equals(List.of("1"))
                                && query(target, "SELECT count(*) FROM lines").equals(List.of("1")));
                execute(
                        source,
                        "UPDATE \"Sales\".orders SET note = 'b'; DELETE FROM \"Sales\".lines;"
                                + "INSERT INTO \"Sales\".lines VALUES ('y', 2)");
                Awaitility.await()
                        .atMost(LONG)
                        .failFast("it ended", () -> !run.isAlive())
                        .until(() -> query(target, "SELECT note FROM orders").equals(List.of("b"))
                                && query(target, "SELECT amount FROM lines").equals(List.of("2")));
                run.stop();
            }

            for (String each : atTarget) {
                less(rig, file, target, each, revoked(each));
            }
            for (String each : atSource) {
                less(rig, file, source, each, revoked(each));
            }
            assertThat(rig.planned(0, file).path("safe").asBoolean()).isTrue();
        }
    }

    private static void less(PlanRig rig, Path file, Database admin, String grant, String revoke) throws Exception {
        execute(admin, revoke);
        assertThat(findings(rig.planned(3, file))).as(revoke).anyMatch(finding -> finding.startsWith("error "));
        execute(admin, grant);
    }

    private static String revoked(String grant) {
        if (grant.startsWith("CREATE PUBLICATION")) {
            return "DROP PUBLICATION sluice_granted__monolith__shop";
        }
        if (grant.startsWith("ALTER ROLE")) {
            return grant.replace(" REPLICATION", " NOREPLICATION");
        }
        return grant.replace("GRANT ", "REVOKE ").replace(" TO ", " FROM ");
    }
}

package io.sluice.app.cli;

import static io.sluice.app.cli.PlanRig.creations;
import static io.sluice.app.cli.PlanRig.execute;
import static io.sluice.app.cli.PlanRig.findings;
import static io.sluice.app.cli.PlanRig.query;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.app.SluiceProcess;
import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    private static PlanRig rig;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        rig = new PlanRig();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** All that anybody could have made or granted there. */
    private static List<String> catalog(Database database) throws SQLException {
        return query(
                database,
                """
                SELECT 'class ' || oid || relname || coalesce(relacl::text, '') FROM pg_class
                UNION ALL SELECT 'column ' || attrelid || attname || atttypid || attnotnull FROM pg_attribute
                UNION ALL SELECT 'schema ' || oid || nspname || coalesce(nspacl::text, '') FROM pg_namespace
                UNION ALL SELECT 'publication ' || pubname FROM pg_publication
                UNION ALL SELECT 'published ' || oid FROM pg_publication_rel
                UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE database = current_database()
                UNION ALL SELECT 'extension ' || extname FROM pg_extension
                ORDER BY 1""");
    }

    @Test
    void aSourceAndATargetThatLackMuchAreToldAllAtOnce() throws Exception {
        try (PostgresServer server = PostgresServer.start(
                Map.of("wal_level", "replica", "max_replication_slots", "1", "max_wal_senders", "0"))) {
            Database source = server.freshDatabase("bad_source");
            Database target = server.freshDatabase("bad_target");
            execute(
                    source,
                    """
                    SELECT pg_create_physical_replication_slot('somebodys');
                    CREATE TABLE keyless (id int);
                    CREATE TABLE swapped (id int PRIMARY KEY DEFERRABLE);
                    CREATE TABLE silent (id int PRIMARY KEY);
                    ALTER TABLE silent REPLICA IDENTITY NOTHING;
                    CREATE UNLOGGED TABLE gone (id int PRIMARY KEY);
                    CREATE TABLE large (id int PRIMARY KEY, body text, twice int GENERATED ALWAYS AS (id * 2) STORED);
                    ALTER TABLE large ALTER body SET STORAGE EXTERNAL;
                    INSERT INTO large VALUES (1, repeat('x', 10000));
                    CREATE TABLE grid (id int PRIMARY KEY, cells int[]);
                    INSERT INTO grid VALUES (1, '{{1,2},{3,4}}');
                    CREATE TABLE prices (id int PRIMARY KEY, parent int, price numeric, code text, mood text);
                    CREATE TABLE orders (id int PRIMARY KEY);
                    """);
            execute(
                    target,
                    """
                    CREATE TABLE orders (id int PRIMARY KEY);
                    CREATE TABLE prices (id int PRIMARY KEY, parent int REFERENCES orders ON DELETE CASCADE,
                      price numeric(10,2), code int, mood text NOT NULL, wanted text NOT NULL, UNIQUE (mood));
                    CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    CREATE TRIGGER changes BEFORE INSERT ON prices FOR EACH ROW EXECUTE FUNCTION change();
                    CREATE UNLOGGED TABLE large (id bigint, body text);
                    """);
            List<String> before = catalog(target);

            JsonNode plan = rig.planned(
                    3,
                    rig.pipeline(
                            folder,
                            "unsafe",
                            source,
                            target,
                            """
                            shop:
                              target: {postgresql: "${file:target}"}
                              tables:
                                keyless: {from: monolith.public.keyless}
                                swapped: {from: monolith.public.swapped}
                                silent: {from: monolith.public.silent}
                                gone: {from: monolith.public.gone}
                                large: {from: monolith.public.large}
                                grid: {from: monolith.public.grid}
                                prices: {from: monolith.public.prices}
                                orders: {from: monolith.public.orders}
                                nowhere: {from: monolith.public.nowhere}
                            """));

            List<String> findings = findings(plan);
            for (String expected : List.of(
                    "error .*bad_source.*: wal_level is replica.*",
                    "error .*: every replication slot is taken.*",
                    "error .*: every replication connection is taken.*",
                    "error table monolith.public.keyless: it has no primary key.*",
                    "error table monolith.public.swapped: its primary key is deferrable.*",
                    "error table monolith.public.silent: its replica identity is NOTHING.*",
                    "error table monolith.public.gone: it is a view, or a foreign, temporary or unlogged table.*",
                    "warning table monolith.public.large: it holds large values.*",
                    "warning table monolith.public.large: the log does not carry generated columns.*twice",
                    "error table monolith.public.grid: column cells holds arrays of several dimensions.*",
                    "error table monolith.public.nowhere: there is no such table.*",
                    "error service shop, table large: it is unlogged.*",
                    "error service shop, table large: no primary key or unique index is on exactly \\(id\\)",
                    "error service shop, table prices: its foreign key .* has ON DELETE CASCADE.*",
                    "warning service shop, table prices: its trigger changes sees rows.*",
                    "warning service shop, table prices column price: .*rounded or cut to numeric\\(10,2\\)",
                    "error service shop, table prices column wanted: it must not be null.*",
                    "info service shop, table prices: its unique index prices_mood_key is on other columns.*",
                    "info service shop, table prices: its foreign key prices_parent_fkey refers to .*")) {
                assertThat(findings).as(expected).anyMatch(finding -> finding.matches("(?s)" + expected));
            }
            assertThat(plan.path("safe").asBoolean()).isFalse();
            assertThat(catalog(target)).isEqualTo(before);
            JsonNode refused = rig.planned(3, folder.resolve("pipeline.yaml"), "--apply");
            assertThat(refused.path("applied").asBoolean()).isFalse();
            assertThat(catalog(target)).isEqualTo(before);
            assertThat(rig.topics()).noneMatch(topic -> topic.startsWith("unsafe."));
        }
    }

    @Test
    void aServerThatCantBeAskedKeepsNobodyFromAskingTheOthers() throws Exception {
        Database source = PostgresServer.shared().freshDatabase("plan_reachable");
        execute(source, "CREATE TABLE keyless (id int)");
        Database nowhere = new Database("127.0.0.1", 1, "nobody", "secret", "none", "");
        JsonNode plan = rig.planned(
                3,
                rig.pipeline(
                        folder,
                        "unreachable",
                        source,
                        nowhere,
                        """
                        shop:
                          target: {postgresql: "${file:target}"}
                          tables: {keyless: {from: monolith.public.keyless}}
                        """));
        assertThat(findings(plan))
                .anyMatch(finding -> finding.startsWith("error service shop, 127.0.0.1:1/none: "))
                .anyMatch(finding -> finding.contains("it has no primary key"));
        assertThat(plan.toString()).doesNotContain("secret");
    }

    @Test
    void aPlanChangesNothingAndWhatItAppliesIsWhatRunNeeds() throws Exception {
        Database source = PostgresServer.shared().freshDatabase("plan_source");
        Database target = PostgresServer.shared().freshDatabase("plan_target");
        execute(
                source,
                """
                CREATE TABLE customers (id bigint PRIMARY KEY, email text UNIQUE);
                CREATE TABLE orders (id bigserial PRIMARY KEY, customer bigint NOT NULL REFERENCES customers,
                  total numeric(10,2), note text);
                CREATE INDEX ON orders (customer);
                INSERT INTO customers SELECT g, 'c' || g FROM generate_series(1, 200) g;
                INSERT INTO orders (customer, total) SELECT g % 200 + 1, 1 FROM generate_series(1, 3000) g;
                ANALYZE""");
        String tables =
                """
                shop:
                  target: {postgresql: "${file:target}"}
                  partitions: 1
                  tables:
                    customers: {from: monolith.public.customers}
                    orders: {from: monolith.public.orders%s}
                """;
        Path file = rig.pipeline(folder, "planned", source, target, tables.formatted(""));
        List<String> sourceBefore = catalog(source);
        List<String> targetBefore = catalog(target);

        JsonNode plan = rig.planned(0, file);
        assertThat(creations(plan))
                .contains(
                        "topic planned.sluice.source.monolith",
                        "topic planned.shop.changes.monolith.public.orders",
                        "topic planned.shop.rows.orders",
                        "topic planned.shop.dead-letters",
                        "publication sluice_planned__monolith__shop",
                        "slot sluice_planned__monolith",
                        "ledger schema sluice",
                        "table table customers",
                        "index indexes of orders, as its source has them");
        assertThat(plan.path("loads").toString())
                .contains("\"table\":\"public.orders\",\"rows\":3000")
                .contains("\"table\":\"public.customers\",\"rows\":200");
        assertThat(findings(plan))
                .anyMatch(finding -> finding.contains("made without its source's unique and foreign keys"));
        assertThat(rig.run(0, "plan", file.toString()))
                .contains("Plan for pipeline planned\n\nRead whole, once\n")
                .contains("CREATE TABLE IF NOT EXISTS \"public\".\"orders\"")
                .endsWith("no errors, no warnings: `sluice run` starts.\n");
        assertThat(catalog(source)).isEqualTo(sourceBefore);
        assertThat(catalog(target)).isEqualTo(targetBefore);
        assertThat(rig.topics()).noneMatch(topic -> topic.startsWith("planned."));

        assertThat(rig.planned(0, file, "--apply").path("applied").asBoolean()).isTrue();
        assertThat(query(target, "SELECT count(*) FROM orders")).containsExactly("0");
        JsonNode applied = rig.planned(0, file, "--apply");
        assertThat(creations(applied)).containsExactly("slot sluice_planned__monolith");

        try (SluiceProcess run = SluiceProcess.start(folder.resolve("run.log"), Map.of(), "run", file.toString())) {
            Awaitility.await()
                    .atMost(LONG)
                    .failFast("it ended", () -> !run.isAlive())
                    .until(() -> query(target, "SELECT count(*) FROM orders").equals(List.of("3000"))
                            && query(target, "SELECT count(*) FROM customers").equals(List.of("200")));
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> rig.planned(0, file).path("loads").isEmpty());
            assertThat(creations(rig.planned(0, file))).isEmpty();
            run.stop();
        }

        rig.pipeline(folder, "planned", source, target, tables.formatted(", columns: {note: {constant: fixed}}"));
        assertThat(findings(rig.planned(3, file)))
                .filteredOn(finding -> finding.startsWith("error "))
                .singleElement()
                .asString()
                .contains("table orders of service shop: its mapping has changed");
        assertThat(rig.planned(0, file, "--changed-mapping", "rebuild")
                        .path("findings")
                        .toString())
                .contains("sluice backfill FILE --table monolith.public.orders");

        execute(target, "ALTER TABLE orders DROP COLUMN note; REVOKE ALL ON orders FROM CURRENT_USER");
        rig.pipeline(folder, "planned", source, target, tables.formatted(""));
        assertThat(creations(rig.planned(0, file))).containsExactly("change table orders as its source");
    }
}

package io.sluice.platform.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnValue.GeneratedKind;
import io.sluice.schemas.pipeline.ColumnValue.VariableName;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.Literal;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ReconcileSpec;
import io.sluice.schemas.pipeline.RegistrySpec;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.Setting;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.pipeline.TlsSpec;
import io.sluice.schemas.pipeline.TopicsSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.pipeline.WriteSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineReaderTest {

    private final Pipeline everything = read("everything.yaml", everythingText());

    @Test
    void whatIsLeftOutHasItsDefault() {
        Pipeline pipeline = read(
                "pipeline.yaml",
                """
                pipeline: shop
                sources:
                  monolith: {postgresql: "postgresql://db/shop"}
                services:
                  orders:
                    target: {postgresql: "postgresql://db/orders"}
                    tables:
                      orders: {from: monolith.public.orders}
                """);

        assertThat(pipeline.kafka()).isEmpty();
        assertThat(pipeline.registry()).isEmpty();
        assertThat(pipeline.control()).isEmpty();
        assertThat(pipeline.topics()).isEqualTo(TopicsSpec.DEFAULT);
        assertThat(pipeline.maxRecordBytes()).isEqualTo(32 * 1024 * 1024);
        SourceSpec source = pipeline.source("monolith").orElseThrow();
        assertThat(source)
                .usingRecursiveComparison()
                .ignoringFields("place", "connection.place")
                .isEqualTo(SourceSpec.postgresql("monolith", "postgresql://db/shop"));
        ServiceSpec service = pipeline.service("orders").orElseThrow();
        assertThat(service.consistency()).isEqualTo(Consistency.EVENTUAL);
        TableSpec table = service.tables().get(0);
        assertThat(service.partitionsOf(table)).isEqualTo(6);
        assertThat(table)
                .usingRecursiveComparison()
                .ignoringFields("place")
                .isEqualTo(TableSpec.copy(
                        TargetTable.inDefaultSchema("orders"), new TableId("monolith", "public", "orders")));
        assertThat(table.isPlainCopy()).isTrue();
        assertThat(table.place()).hasToString("pipeline.yaml:8:7");
    }

    @Test
    void kafkaSecurityBecomesClientProperties() {
        Map<String, Secret> security = everything.kafka().orElseThrow().security();

        assertThat(everything.kafka().orElseThrow().bootstrap()).isEqualTo("kafka-1:9092,[::1]:9092");
        assertThat(security.get("sasl.jaas.config").reveal())
                .isEqualTo("org.apache.kafka.common.security.plain.PlainLoginModule required "
                        + "username=\"app\" password=\"hunter2\";");
        assertThat(security)
                .containsEntry("security.protocol", Secret.of("SASL_SSL"))
                .containsEntry("sasl.mechanism", Secret.of("PLAIN"))
                .containsEntry("ssl.truststore.type", Secret.of("PEM"))
                .containsEntry("ssl.truststore.location", Secret.of(path("ca.pem")))
                .containsEntry("ssl.keystore.location", Secret.of(path("identity.pem")))
                .containsEntry("ssl.key.password", Secret.of("hunter2"))
                .containsEntry("ssl.protocol", Secret.of("TLSv1.3"));
    }

    @Test
    void connectionsKeepWhatWasSaid() {
        SourceSpec source = everything.source("pg").orElseThrow();
        assertThat(source.connection().url().reveal())
                .isEqualTo("postgresql://reader@pg-1,pg-2:5433/shop?targetServerType=primary");
        assertThat(source.connection().address()).isEqualTo("pg-1,pg-2:5433/shop");
        assertThat(source.connection().connectTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(source.connection().maxConnections()).hasValue(20);
        assertThat(source.connection().tls())
                .isEqualTo(new TlsSpec(
                        Optional.of(TlsSpec.Mode.VERIFY_FULL),
                        Optional.of(path("ca.pem")),
                        Optional.of(path("cert.pem")),
                        Optional.of(path("key.pem")),
                        Optional.of(Secret.of("hunter2"))));
        assertThat(source.heartbeat()).isEqualTo(Duration.ofMinutes(1));
        assertThat(source.origins()).isEqualTo(SourceSpec.Origins.allBut(List.of("reverse")));
        assertThat(source.snapshotWorkers()).hasValue(4);
        assertThat(source.ignored()).containsExactly(new TableId("pg", "public", "flyway_schema_history"));
        assertThat(everything.registry().orElseThrow().urls())
                .containsExactly(URI.create("https://registry-1:8081"), URI.create("https://registry-2:8081/api"));
        assertThat(everything.registry().orElseThrow().auth())
                .isEqualTo(new RegistrySpec.Auth.Bearer(Secret.of("hunter2")));
        TargetSpec target = everything.service("orders").orElseThrow().target();
        assertThat(target.kind()).isEqualTo(TargetSpec.Kind.TIMESCALEDB);
        assertThat(target.connection().address()).isEqualTo("[::1]:5432/orders");
        assertThat(everything.toString()).doesNotContain("hunter2");
    }

    @Test
    void tablesKeepWhatWasSaid() {
        TableSpec table = table("orders", new TargetTable("sales", "orders"));

        assertThat(table.from())
                .containsExactly(
                        new TableId("pg", "public", "orders"),
                        new TableId("pg", "archive", "orders.2019"),
                        new TableId("mongo", "shop", "orders.v2"));
        assertThat(table.key()).containsExactly("id", "at");
        assertThat(table.where().map(Expression::text)).contains("amount > 0");
        assertThat(table.write()).isEqualTo(WriteSpec.upserting(List.of("amount", "updated_at")));
        assertThat(table.conflict().resolve()).isEqualTo(ConflictSpec.Resolution.LAST_WRITE_WINS);
        assertThat(table.conflict().by()).contains("updated_at");
        assertThat(table.conflict().alert()).isTrue();
        assertThat(table.deletes()).isEqualTo(new DeletePolicy.Soft("deleted_at"));
        assertThat(table.onTruncate()).isEqualTo(TruncatePolicy.RESNAPSHOT);
        assertThat(table.onDrift()).isEqualTo(DriftPolicy.HALT);
        assertThat(table.disjointKeys()).isTrue();
        assertThat(everything.service("orders").orElseThrow().partitionsOf(table))
                .isEqualTo(24);
        assertThat(table.rules()).singleElement().satisfies(rule -> {
            assertThat(rule.name()).isEqualTo("positive");
            assertThat(rule.expression().text()).isEqualTo("amount > 0");
        });
    }

    @Test
    void columnsKeepWhatWasSaid() {
        TableSpec table = table("orders", new TargetTable("sales", "orders"));

        assertThat(table.columns().copyOthers()).isTrue();
        assertThat(table.columns().flatten()).containsExactly(FieldPath.of("address"));
        assertThat(table.columns().overflow()).contains("rest");
        assertThat(value(table, "id")).isEqualTo(new ColumnValue.Field(FieldPath.of("id")));
        assertThat(value(table, "at")).isEqualTo(new ColumnValue.Field(FieldPath.of("created", "at")));
        assertThat(table.columns().column("at").flatMap(ColumnSpec::type)).contains("timestamp(3) with time zone");
        assertThat(table.columns().column("at").flatMap(ColumnSpec::defaultValue))
                .contains(new Literal.Text("2020-01-01T00:00:00Z"));
        assertThat(value(table, "currency")).isEqualTo(new ColumnValue.Constant(new Literal.Text("EUR")));
        assertThat(value(table, "doubled")).isInstanceOfSatisfying(ColumnValue.Computed.class, computed -> {
            assertThat(computed.expression().text()).isEqualTo("amount * 2");
            assertThat(computed.expression().place().line()).isGreaterThan(60);
        });
        assertThat(value(table, "external_id"))
                .isEqualTo(new ColumnValue.Generated(
                        GeneratedKind.UUID,
                        List.of(
                                new ColumnValue.Field(FieldPath.of("id")),
                                new ColumnValue.Variable(VariableName.SOURCE, Optional.empty()))));
        assertThat(table.columns().column("secret").orElseThrow().isDropped()).isTrue();
    }

    @Test
    void splitsTakeOnlyTheListedColumns() {
        TableSpec elements = table("orders", TargetTable.inDefaultSchema("lines"));
        TableSpec parts = table("orders", TargetTable.inDefaultSchema("parts"));

        assertThat(elements.columns().copyOthers()).isFalse();
        assertThat(elements.split().orElseThrow().levels())
                .containsExactly(SplitSpec.Elements.of(FieldPath.of("items"), FieldPath.of("sku")));
        assertThat(value(elements, "sku"))
                .isEqualTo(new ColumnValue.Variable(VariableName.VALUE, Optional.of(FieldPath.of("sku"))));
        assertThat(parts.split().orElseThrow().levels())
                .containsExactly(new SplitSpec.Parts(List.of(FieldPath.of("a"), FieldPath.of("b", "c")), 20));
    }

    @Test
    void aSplitGoesFurtherInLevelByLevel() {
        TableSpec sizes = table("orders", TargetTable.inDefaultSchema("sizes"));

        assertThat(sizes.split().orElseThrow().levels())
                .containsExactly(
                        SplitSpec.Elements.of(FieldPath.of("items"), FieldPath.of("sku")),
                        SplitSpec.Elements.of(FieldPath.of("spec", "sizes")));
        assertThat(value(sizes, "sku"))
                .isEqualTo(new ColumnValue.Variable(VariableName.VALUE, 1, Optional.of(FieldPath.of("sku"))));
        assertThat(value(sizes, "n")).isEqualTo(new ColumnValue.Variable(VariableName.INDEX, Optional.empty()));
    }

    @Test
    void reconcileAndHypertableKeepWhatWasSaid() {
        TableSpec table = table("orders", new TargetTable("sales", "orders"));
        ReconcileSpec reconcile = table.reconcile().orElseThrow();
        HypertableSpec hypertable = table.hypertable().orElseThrow();

        assertThat(reconcile.every()).contains(Duration.ofMinutes(5));
        assertThat(reconcile.maxLag()).contains(Duration.ofMinutes(10));
        assertThat(reconcile.level()).isEqualTo(ReconcileSpec.Level.SAMPLE);
        assertThat(reconcile.sample()).contains(new ReconcileSpec.Sample.Rows(1000));
        assertThat(reconcile.tolerance()).containsEntry("amount", new BigDecimal("0.01"));
        assertThat(reconcile.columns()).containsExactly("id", "amount");
        assertThat(hypertable.time()).isEqualTo("at");
        assertThat(hypertable.chunk()).isEqualTo(Duration.ofDays(1));
        assertThat(hypertable.compressAfter()).contains(Duration.ofDays(7));
        assertThat(hypertable.segmentBy()).containsExactly("currency");
        assertThat(hypertable.retain()).contains(Duration.ofDays(365));
        assertThat(hypertable.space()).contains(new HypertableSpec.Space("id", 4));
        assertThat(hypertable.aggregates()).singleElement().satisfies(aggregate -> {
            assertThat(aggregate.name()).isEqualTo("daily");
            assertThat(aggregate.columns()).containsExactly(Map.entry("total", "sum(amount)"));
            assertThat(aggregate.refresh()).contains(Duration.ofHours(1));
        });
    }

    @Test
    void strongServicesHaveOnePartitionAndApplyTruncates() {
        ServiceSpec ledger = everything.service("ledger").orElseThrow();

        assertThat(ledger.isStrong()).isTrue();
        assertThat(ledger.partitionsOf(ledger.tables().get(0))).isEqualTo(1);
        assertThat(ledger.tables().get(0).onTruncate()).isEqualTo(TruncatePolicy.APPLY);
    }

    @Test
    void oneGeneratedColumnIsTheKeyWhereNoneIsNamed() {
        Pipeline pipeline = read(
                "pipeline.yaml",
                """
                pipeline: shop
                sources: {mongo: {mongodb: "mongodb://db"}}
                services:
                  usage:
                    target: {postgresql: "postgresql://db/usage"}
                    tables:
                      api_usage:
                        from: mongo.shop.usage
                        write: append-only
                        columns: {id: {generated: uuid-from(_id)}, cost: {type: "numeric(18,8)"}}
                """);

        TableSpec table = pipeline.services().get(0).tables().get(0);
        assertThat(table.key()).containsExactly("id");
        assertThat(table.columns().copyOthers()).isFalse();
        assertThat(table.deletes()).isEqualTo(new DeletePolicy.Ignore());
    }

    @Test
    void aSourceTableKnowsItsReaders() {
        TableId entries = new TableId("pg", "public", "entries");

        assertThat(everything.readersOf(entries)).extracting(ServiceSpec::name).containsExactly("ledger", "legacy");
        assertThat(everything.tablesOf("pg")).contains(entries).doesNotHaveDuplicates();
    }

    @Test
    void everySettingHasItsPlace() {
        assertThat(everything.settings())
                .filteredOn(setting -> setting.key().equals("services.*.tables.*.hypertable.chunk"))
                .extracting(Setting::path)
                .containsExactly("services.orders.tables.sales.orders.hypertable.chunk");
        assertThat(everything.placeOf("services.ledger.consistency").line())
                .isGreaterThan(everything.placeOf("services.ledger").line());
        assertThat(everything.placeOf("services.ledger.tables.entries.key"))
                .isEqualTo(everything.placeOf("services.ledger.tables.entries"));
    }

    @Test
    void expressionsAreLookedAtWhereTheyStand() {
        ExpressionChecker wary = (expression, use) ->
                expression.text().contains("!!") ? Optional.of("is no expression for a " + use) : Optional.empty();

        PipelineResult result = new PipelineReader(Map.of(), wary)
                .read(
                        """
                        pipeline: shop
                        sources: {pg: {postgresql: "postgresql://db/shop"}}
                        services:
                          all:
                            target: {postgresql: "postgresql://db/all"}
                            tables:
                              t:
                                from: pg.public.t
                                where: "a !!"
                                columns: {a: {expr: "b !!"}}
                                rules: {r: "c !!", s: c > 0}
                        """,
                        "f.yaml");

        assertThat(PipelineReport.render(result))
                .isEqualTo(
                        """
                        f.yaml:9:16 services.all.tables.t.where: is no expression for a FILTER
                        f.yaml:10:29 services.all.tables.t.columns.a.expr: is no expression for a COLUMN
                        f.yaml:11:20 services.all.tables.t.rules: is no expression for a RULE
                        f.yaml: 3 problems
                        """);
    }

    @Test
    void relativePathsStartAtTheFilesFolder(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("pipeline.yaml");
        Files.writeString(file, everythingText());

        Pipeline pipeline = new PipelineReader(MistakesTest.ENVIRONMENT, ExpressionChecker.trusting())
                .read(file)
                .pipeline()
                .orElseThrow();

        assertThat(pipeline.source("pg").orElseThrow().connection().tls().ca())
                .contains(folder.resolve("ca.pem").toString());
        assertThat(pipeline.service("orders")
                        .flatMap(service -> service.table(TargetTable.inDefaultSchema("java")))
                        .flatMap(TableSpec::mapper)
                        .orElseThrow()
                        .jar())
                .isEqualTo(folder.resolve("lib/mapper.jar").toString());
    }

    private static String path(String name) {
        return Path.of("").toAbsolutePath().resolve(name).toString();
    }

    private TableSpec table(String service, TargetTable name) {
        return everything.service(service).orElseThrow().table(name).orElseThrow();
    }

    private static ColumnValue value(TableSpec table, String column) {
        return table.columns().column(column).orElseThrow().value();
    }

    private static Pipeline read(String name, String text) {
        PipelineResult result =
                new PipelineReader(MistakesTest.ENVIRONMENT, ExpressionChecker.trusting()).read(text, name);
        assertThat(result.problems()).isEmpty();
        return result.pipeline().orElseThrow();
    }

    private static String everythingText() {
        try {
            return Files.readString(Path.of("src/test/resources/pipelines/everything.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.sluice.transform.topology;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.schemas.codec.ChangeEncoder;
import io.sluice.schemas.codec.ChangeSchemas;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.transform.SourceRows;
import io.sluice.transform.mapping.Baselines;
import io.sluice.transform.mapping.MappingResult;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import org.apache.avro.Schema;

/** Decode, map and encode ten columns, without Kafka: prints records a second and CPU seconds for 100,000. Not a test. */
final class MappingThroughput {

    private static final int RECORDS = 200_000;
    private static final int ROUNDS = 6;

    private MappingThroughput() {}

    public static void main(String[] arguments) throws Exception {
        TableId table = new TableId("monolith", "public", "trades");
        SourceRows trades = new SourceRows(
                table,
                List.of(
                        required("id", Simple.INT64, "bigint"),
                        column("account", Simple.UUID, "uuid"),
                        column("symbol", Simple.TEXT, "text"),
                        column("side", Simple.TEXT, "text"),
                        column("price", new Numeric(18, 6), "numeric(18,6)"),
                        column("quantity", new Numeric(18, 6), "numeric(18,6)"),
                        column("opened_at", Simple.TIMESTAMPTZ, "timestamp with time zone"),
                        column("updated_at", Simple.TIMESTAMPTZ, "timestamp with time zone"),
                        column("open", Simple.BOOLEAN, "boolean"),
                        column("note", Simple.TEXT, "text")),
                "id");
        ServiceSpec service = ServiceSpec.eventual(
                "engine",
                TargetSpec.postgresql("postgresql://target/db"),
                List.of(TableSpec.copy(TargetTable.inDefaultSchema("trades"), table)));
        InMemorySchemaStore schemas = new InMemorySchemaStore();
        Schema writer = ChangeSchemas.value(table, trades.schema());
        Schema keyWriter = ChangeSchemas.key(table, trades.schema());
        ChangeEncoder values = new ChangeEncoder(table, trades.schema(), schemas.register("v", writer));
        KeyEncoder keyEncoder = new KeyEncoder(
                trades.schema().keySchema(), ChangeSchemas.namespace(table), schemas.register("k", keyWriter));
        byte[][] encoded = new byte[1000][];
        byte[][] keys = new byte[1000][];
        for (int i = 0; i < encoded.length; i++) {
            Change.Upserted change = trades.insert(
                    (long) i,
                    new UUID(i, i),
                    "BTCUSD",
                    "BUY",
                    new BigDecimal("67123.450000"),
                    new BigDecimal("0.125000"),
                    1_700_000_000_000_000L,
                    1_700_000_000_000_001L,
                    true,
                    "an ordinary note of some forty characters");
            encoded[i] = values.encode(change);
            keys[i] = keyEncoder.encode(change.key());
        }
        ChangeInput input = new Routing(
                        new Names("bench"),
                        service,
                        schemas,
                        new TransformMeters(new SimpleMeterRegistry(), "bench", "engine"),
                        Baselines.NONE)
                .compile(writer);
        KeyDecoder keyDecoder = new KeyDecoder(keyWriter);
        OperatingSystemMXBean os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long bytes = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long startedNanos = System.nanoTime();
            long cpuNanos = os.getProcessCpuTime();
            for (int i = 0; i < RECORDS; i++) {
                int at = i % encoded.length;
                Change change = input.decoder().decode(encoded[at], keyDecoder.decode(keys[at]));
                ChangeInput.Route route = input.routes().get(0);
                MappingResult.Mapped mapped =
                        (MappingResult.Mapped) route.mapping().apply(change);
                for (RowChange row : mapped.changes()) {
                    bytes += route.output()
                            .record(row, new Origin("topic", 0, i, 0), 0)
                            .value()
                            .length;
                }
            }
            double seconds = (System.nanoTime() - startedNanos) / 1e9;
            double cpuSeconds = (os.getProcessCpuTime() - cpuNanos) / 1e9;
            System.out.printf(
                    "%,.0f records/s, %.3f CPU-s per 100k%n", RECORDS / seconds, cpuSeconds * 100_000 / RECORDS);
        }
        System.out.println(bytes);
    }
}

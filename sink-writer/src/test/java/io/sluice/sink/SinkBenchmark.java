package io.sluice.sink;

import io.sluice.localstack.kafka.LocalKafka;
import io.sluice.localstack.postgres.LocalPostgres;
import io.sluice.localstack.testing.Database;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How fast one worker applies a stream of 60 % inserts, 30 % updates and 10 % deletes, beside the same stream written by hand:
 * the same batches as {@code unnest} upserts, with the driver's own arrays, from rows that are in memory already.
 *
 * <p>Not a test: run its main. Arguments: changes, batch.
 */
public final class SinkBenchmark {

    private static final TargetTable TABLE = TargetTable.inDefaultSchema("trades");
    private static final RowSchema ROWS = new RowSchema(
            "trades",
            List.of(
                    new Column("id", Simple.INT64, "bigint", false),
                    new Column("account", Simple.INT64, "bigint", false),
                    new Column("symbol", Simple.TEXT, "text", false),
                    new Column("side", Simple.TEXT, "character varying(4)", false),
                    new Column("quantity", new Numeric(18, 8), "numeric(18,8)", false),
                    new Column("price", new Numeric(18, 8), "numeric(18,8)", true),
                    new Column("opened", Simple.TIMESTAMPTZ, "timestamp with time zone", false),
                    new Column("closed", Simple.TIMESTAMPTZ, "timestamp with time zone", true),
                    new Column("reference", Simple.UUID, "uuid", false),
                    new Column("note", Simple.TEXT, "text", true)),
            List.of("id"));

    private SinkBenchmark() {}

    /** A change: a row, or the key of one that goes. */
    private record Step(long id, Row row) {}

    public static void main(String[] arguments) throws Exception {
        int changes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 400_000;
        int batch = arguments.length > 1 ? Integer.parseInt(arguments[1]) : SinkSettings.DEFAULT.batchRecords();
        List<Step> steps = steps(changes);
        try (LocalKafka kafka = LocalKafka.startTemporary();
                LocalPostgres postgres = LocalPostgres.startTemporary()) {
            for (int round = 0; round < 3; round++) {
                byHand(postgres, "hand" + round, steps, batch);
                bySink(kafka, postgres, "sink" + round, steps, batch);
            }
        }
    }

    private static List<Step> steps(int changes) {
        Random random = new Random(1);
        List<Step> steps = new ArrayList<>(changes);
        List<Long> there = new ArrayList<>();
        for (long next = 0; steps.size() < changes; ) {
            int dice = random.nextInt(10);
            if (dice < 6 || there.isEmpty()) {
                there.add(next);
                steps.add(new Step(next, row(random, next++)));
            } else if (dice < 9) {
                long id = there.get(random.nextInt(there.size()));
                steps.add(new Step(id, row(random, id)));
            } else {
                int place = random.nextInt(there.size());
                long id = there.set(place, there.get(there.size() - 1));
                there.remove(there.size() - 1);
                steps.add(new Step(id, null));
            }
        }
        return steps;
    }

    private static Row row(Random random, long id) {
        return new Row(ROWS, new Object[] {
            id,
            (long) random.nextInt(10_000),
            "SYM" + random.nextInt(500),
            random.nextBoolean() ? "BUY" : "SELL",
            BigDecimal.valueOf(random.nextInt(1_000_000_000), 8),
            BigDecimal.valueOf(random.nextInt(2_000_000_000), 6),
            1_700_000_000_000_000L + id * 1000,
            random.nextBoolean() ? null : (Object) (1_700_000_000_000_000L + random.nextInt()),
            new UUID(random.nextLong(), random.nextLong()),
            "a note of ordinary length, number " + random.nextInt()
        });
    }

    private static void bySink(LocalKafka kafka, LocalPostgres postgres, String name, List<Step> steps, int batch)
            throws Exception {
        postgres.createDatabase(name);
        Database database =
                new Database(postgres.host(), postgres.port(), postgres.user(), postgres.password(), name, "");
        SinkRig rig = new SinkRig(kafka.bootstrapServers(), name, database, List.of(TABLE));
        rig.createTopics();
        try (RowProducer producer = rig.producer()) {
            for (int from = 0; from < steps.size(); from += 20_000) {
                List<Step> part = steps.subList(from, Math.min(steps.size(), from + 20_000));
                producer.inTransaction(() -> part.forEach(step -> {
                    if (step.row() == null) {
                        producer.delete(TABLE, ROWS, step.id());
                    } else {
                        producer.upsert(TABLE, step.row());
                    }
                }));
            }
        }
        SinkSettings d = SinkSettings.DEFAULT;
        SinkSettings settings = new SinkSettings(
                batch,
                d.batchBytes(),
                d.idleInTransaction(),
                d.statement(),
                d.lock(),
                d.order(),
                d.quiet(),
                d.hints(),
                d.topicCheck(),
                d.session(),
                d.sweepRows(),
                d.sweepLook(),
                d.leastBackoff(),
                d.mostBackoff());
        rig.sink(settings).prepare(Map.of(TABLE, ROWS));
        double serverBefore = serverSeconds(postgres);
        try (SinkStage sink = rig.sink(settings)) {
            sink.start();
            while (rig.meters.get("sluice.sink.batch").timer().count() == 0) {
                Thread.onSpinWait();
            }
            long began = System.nanoTime();
            double first = rig.meters.get("sluice.sink.batch.records").summary().totalAmount();
            double worker = threadSeconds("sink-" + SinkRig.SERVICE);
            while (rig.meters.get("sluice.sink.batch.records").summary().totalAmount() < steps.size()) {
                if (sink.status().state() == StageState.HALTED) {
                    throw new IllegalStateException(sink.status().cause());
                }
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            double records = steps.size() - first;
            System.out.printf(
                    "sink    batch %5d: %,9.0f changes/s, worker %.2f CPU-s per 100k, PostgreSQL %.2f%n",
                    batch,
                    records / seconds,
                    (threadSeconds("sink-" + SinkRig.SERVICE) - worker) * 1e5 / records,
                    (serverSeconds(postgres) - serverBefore) * 1e5 / steps.size());
        }
        postgres.dropDatabase(name);
    }

    private static void byHand(LocalPostgres postgres, String name, List<Step> steps, int batch) throws Exception {
        postgres.createDatabase(name);
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl(name));
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE trades (id bigint PRIMARY KEY, account bigint NOT NULL, symbol text NOT NULL, "
                            + "side varchar(4) NOT NULL, quantity numeric(18,8) NOT NULL, price numeric(18,8), "
                            + "opened timestamptz NOT NULL, closed timestamptz, reference uuid NOT NULL, note text)");
            connection.setAutoCommit(false);
            double server = serverSeconds(postgres);
            double worker = threadSeconds(Thread.currentThread().getName());
            long began = System.nanoTime();
            for (int from = 0; from < steps.size(); from += batch) {
                Map<Long, Step> last = steps.subList(from, Math.min(steps.size(), from + batch)).stream()
                        .collect(Collectors.toMap(Step::id, step -> step, (a, b) -> b));
                upsert(
                        connection,
                        last.values().stream()
                                .filter(step -> step.row() != null)
                                .map(Step::row)
                                .toList());
                delete(
                        connection,
                        last.values().stream()
                                .filter(step -> step.row() == null)
                                .map(Step::id)
                                .toList());
                connection.commit();
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            System.out.printf(
                    "by hand batch %5d: %,9.0f changes/s, worker %.2f CPU-s per 100k, PostgreSQL %.2f%n",
                    batch,
                    steps.size() / seconds,
                    (threadSeconds(Thread.currentThread().getName()) - worker) * 1e5 / steps.size(),
                    (serverSeconds(postgres) - server) * 1e5 / steps.size());
        }
        postgres.dropDatabase(name);
    }

    private static void upsert(Connection connection, List<Row> rows) throws SQLException {
        String[] types = {
            "int8", "int8", "text", "text", "numeric", "numeric", "timestamptz", "timestamptz", "uuid", "text"
        };
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO trades SELECT * FROM unnest(?::int8[], ?::int8[], ?::text[], ?::text[], ?::numeric[], "
                        + "?::numeric[], ?::timestamptz[], ?::timestamptz[], ?::uuid[], ?::text[]) ON CONFLICT (id) DO UPDATE SET "
                        + ROWS.columns().stream()
                                .skip(1)
                                .map(column -> column.name() + " = EXCLUDED." + column.name())
                                .collect(Collectors.joining(", ")))) {
            for (int i = 0; i < types.length; i++) {
                Object[] values = new Object[rows.size()];
                for (int row = 0; row < values.length; row++) {
                    Object value = rows.get(row).value(i);
                    values[row] = types[i].equals("timestamptz") && value != null
                            ? new Timestamp((Long) value / 1000)
                            : value;
                }
                insert.setArray(i + 1, connection.createArrayOf(types[i], values));
            }
            insert.executeUpdate();
        }
    }

    private static void delete(Connection connection, List<Long> keys) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM trades t USING unnest(?::int8[]) AS u(id) WHERE t.id = u.id")) {
            delete.setArray(1, connection.createArrayOf("int8", keys.toArray()));
            delete.executeUpdate();
        }
    }

    private static double threadSeconds(String name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (ThreadInfo thread : threads.dumpAllThreads(false, false)) {
            if (thread.getThreadName().equals(name)) {
                return threads.getThreadCpuTime(thread.getThreadId()) / 1e9;
            }
        }
        return 0;
    }

    /** User and system time of the server's processes, ended ones included. */
    private static double serverSeconds(LocalPostgres postgres) throws IOException {
        double ticks = 0;
        Stream<ProcessHandle> all = Stream.concat(
                ProcessHandle.of(postgres.pid()).stream(),
                ProcessHandle.of(postgres.pid()).stream().flatMap(ProcessHandle::descendants));
        for (ProcessHandle each : all.toList()) {
            Path stat = Path.of("/proc/" + each.pid() + "/stat");
            if (Files.exists(stat)) {
                String text = Files.readString(stat);
                String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
                ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
                ticks += Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
            }
        }
        return ticks / 100;
    }
}

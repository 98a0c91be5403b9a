package io.sluice.sink.sql;

import io.sluice.localstack.postgres.LocalPostgres;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.batch.Write;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * Upserts by arrays, as the sink does them, beside upserts through a temporary table that is filled by binary COPY, with the same
 * encoders: new rows, and then the same keys again.
 *
 * <p>Not a test: run its main. Arguments: rows.
 */
public final class StagingBenchmark {

    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);

    private StagingBenchmark() {}

    private interface Way {
        void write(Connection connection, List<Row> rows) throws SQLException;
    }

    public static void main(String[] arguments) throws Exception {
        int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200_000;
        try (LocalPostgres postgres = LocalPostgres.startTemporary()) {
            postgres.createDatabase("staging");
            try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl("staging"))) {
                connection.setAutoCommit(false);
                for (int columns : new int[] {3, 30}) {
                    RowSchema schema = schema(columns);
                    List<Row> all = rows(schema, rows);
                    for (int round = 0; round < 2; round++) {
                        for (int batch : new int[] {100, 1_000, 5_000, 20_000}) {
                            measure(connection, "unnest", schema, all, batch, unnest(schema), round > 0);
                            measure(connection, "COPY  ", schema, all, batch, copy(schema), round > 0);
                        }
                    }
                }
            }
        }
    }

    private static RowSchema schema(int columns) {
        List<Column> all = new ArrayList<>();
        all.add(new Column("id", Simple.INT64, "bigint", false));
        for (int i = 1; i < columns; i++) {
            String name = "c" + i;
            all.add(
                    switch (i % 6) {
                        case 0 -> new Column(name, Simple.INT64, "bigint", true);
                        case 1 -> new Column(name, Simple.TEXT, "text", true);
                        case 2 -> new Column(name, Simple.TIMESTAMPTZ, "timestamp with time zone", true);
                        case 3 -> new Column(name, new Numeric(18, 8), "numeric(18,8)", true);
                        case 4 -> new Column(name, Simple.UUID, "uuid", true);
                        default -> new Column(name, Simple.FLOAT64, "double precision", true);
                    });
        }
        return new RowSchema("t", all, List.of("id"));
    }

    private static List<Row> rows(RowSchema schema, int count) {
        Random random = new Random(1);
        List<Row> rows = new ArrayList<>(count);
        for (long id = 0; id < count; id++) {
            Object[] values = new Object[schema.size()];
            values[0] = id;
            for (int i = 1; i < values.length; i++) {
                values[i] = switch (i % 6) {
                    case 0 -> (Object) random.nextLong();
                    case 1 -> "a text of ordinary length " + random.nextInt();
                    case 2 -> 1_700_000_000_000_000L + random.nextInt();
                    case 3 -> BigDecimal.valueOf(random.nextInt(1_000_000_000), 8);
                    case 4 -> new UUID(random.nextLong(), random.nextLong());
                    default -> random.nextDouble();
                };
            }
            rows.add(new Row(schema, values));
        }
        return rows;
    }

    private static Way unnest(RowSchema schema) {
        TableWriter writer = new TableWriter(Map.of());
        TargetTable table = TargetTable.inDefaultSchema("t");
        return (connection, rows) -> writer.apply(connection, new Write.Upserts(table, schema, rows, false));
    }

    private static Way copy(RowSchema schema) {
        List<ColumnEncoder> encoders = schema.columns().stream()
                .map(column -> ColumnEncoder.of(column.type(), ','))
                .toList();
        BinaryArray array = new BinaryArray();
        String upsert = "INSERT INTO t SELECT * FROM pg_temp.staged ON CONFLICT (id) DO UPDATE SET "
                + schema.columns().stream()
                        .skip(1)
                        .map(column -> column.name() + " = EXCLUDED." + column.name())
                        .collect(Collectors.joining(", "));
        return (connection, rows) -> {
            array.begin(0);
            int header = array.finish().length;
            array.begin(0);
            array.putBytes(SIGNATURE);
            array.putInt(0);
            array.putInt(0);
            for (Row row : rows) {
                array.putShort(encoders.size());
                for (int i = 0; i < encoders.size(); i++) {
                    Object value = row.value(i);
                    if (value == null) {
                        array.addNull();
                    } else {
                        encoders.get(i).element().write(value, array);
                    }
                }
            }
            array.putShort(-1);
            byte[] all = array.finish();
            try (Statement statement = connection.createStatement()) {
                statement.execute("TRUNCATE pg_temp.staged");
                var in = connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY pg_temp.staged FROM STDIN (FORMAT binary)");
                in.writeToCopy(all, header, all.length - header);
                in.endCopy();
                statement.execute(upsert);
            }
        };
    }

    private static void measure(
            Connection connection, String name, RowSchema schema, List<Row> all, int batch, Way way, boolean told)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String columns = schema.columns().stream()
                    .map(column -> column.name() + " " + column.declared())
                    .collect(Collectors.joining(", "));
            statement.execute("DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS pg_temp.staged");
            statement.execute("CREATE TABLE t (" + columns + ", PRIMARY KEY (id))");
            statement.execute("CREATE TEMPORARY TABLE staged (" + columns + ")");
            connection.commit();
        }
        double[] rates = new double[2];
        for (int pass = 0; pass < 2; pass++) {
            long began = System.nanoTime();
            int count = batch < 1_000 ? all.size() / 5 : all.size();
            for (int from = 0; from < count; from += batch) {
                way.write(connection, all.subList(from, Math.min(count, from + batch)));
                connection.commit();
            }
            rates[pass] = count / ((System.nanoTime() - began) / 1e9);
        }
        if (told) {
            System.out.println(String.format(
                    Locale.ROOT,
                    "%2d columns, batch %5d, %s %,9.0f new rows/s, %,9.0f existing rows/s",
                    schema.size(),
                    batch,
                    name,
                    rates[0],
                    rates[1]));
        }
    }
}

package io.sluice.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.ConflictSpec.Resolution;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.WriteSpec;
import io.sluice.sink.batch.Batch;
import io.sluice.sink.batch.Incoming;
import io.sluice.sink.batch.Origins;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteOrder;
import io.sluice.sink.batch.WriteRules;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a table's rules make of changes to rows that are there, and that it does not depend on how they are batched. */
class WriteRulesIT {

    private static final RowPartition PARTITION = new RowPartition("rows", 0);
    private static final RowSchema SCHEMA = new RowSchema(
            "t",
            List.of(
                    new Column("id", Simple.INT32, "integer", false),
                    new Column("v", Simple.TEXT, "text", true),
                    new Column("w", Simple.TEXT, "text", true),
                    new Column("at", Simple.TIMESTAMPTZ, "timestamp with time zone", true)),
            List.of("id"));

    private final String url = PostgresServer.shared().freshDatabase("rules").jdbcUrl();
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(url + "&options=-c%20TimeZone=UTC");
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private static WriteRules rules(WriteSpec write, DeletePolicy deletes, ConflictSpec conflict) {
        return new WriteRules(write, deletes, conflict);
    }

    private static ConflictSpec by(Resolution resolve, boolean alert) {
        return new ConflictSpec(resolve, Optional.of("at"), alert, Place.NOWHERE);
    }

    private static final WriteRules LISTED =
            rules(WriteSpec.upserting(List.of("w", "at")), new DeletePolicy.Hard(), ConflictSpec.sourceWins());
    private static final WriteRules APPENDED =
            rules(WriteSpec.appendOnly(), new DeletePolicy.Ignore(), ConflictSpec.sourceWins());
    private static final WriteRules FIRST =
            rules(WriteSpec.firstWins(), new DeletePolicy.Hard(), ConflictSpec.sourceWins());
    private static final WriteRules MARKED =
            rules(WriteSpec.upsert(), new DeletePolicy.Soft("gone"), ConflictSpec.sourceWins());
    private static final WriteRules LATEST =
            rules(WriteSpec.upsert(), new DeletePolicy.Hard(), by(Resolution.LAST_WRITE_WINS, true));

    static Stream<Arguments> everyRule() {
        return Stream.of(
                arguments("plain", WriteRules.PLAIN),
                arguments("listed", LISTED),
                arguments("append-only", APPENDED),
                arguments("first-wins", FIRST),
                arguments("marked", MARKED),
                arguments("kept", rules(WriteSpec.upsert(), new DeletePolicy.Ignore(), ConflictSpec.sourceWins())),
                arguments("latest", LATEST),
                arguments(
                        "latest, listed, marked",
                        rules(
                                WriteSpec.upserting(List.of("w", "at")),
                                new DeletePolicy.Soft("gone"),
                                by(Resolution.LAST_WRITE_WINS, false))),
                arguments(
                        "watched",
                        rules(WriteSpec.upsert(), new DeletePolicy.Hard(), by(Resolution.SOURCE_WINS, true))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyRule")
    void batchesComeToTheSameAsOneByOne(String name, WriteRules rules) throws SQLException {
        for (int seed = 0; seed < 12; seed++) {
            List<RowChange> run = run(new Random(seed), 60);
            Random cuts = new Random(seed);
            List<List<String>> oneByOne = apply("single_" + seed, rules, run, () -> 1);
            List<List<String>> batched = apply("batched_" + seed, rules, run, () -> 1 + cuts.nextInt(30));
            assertThat(batched).as("seed " + seed).isEqualTo(oneByOne);
        }
    }

    private interface Size {
        int next();
    }

    private List<List<String>> apply(String name, WriteRules rules, List<RowChange> run, Size size)
            throws SQLException {
        TargetTable table = TargetTable.inDefaultSchema(name);
        assertThat(TargetTables.prepare(connection, table, SCHEMA, rules)).isEmpty();
        TableWriter writer = new TableWriter(Map.of(table, rules));
        // Somebody else has written here before.
        execute("INSERT INTO " + name
                + " (id, v, w, at) VALUES (1, 'there', 'there', '2026-01-01 00:00:30Z'), (2, 'there', 'there', NULL)");
        int at = 0;
        while (at < run.size()) {
            int to = Math.min(run.size(), at + size.next());
            Batch batch = new Batch(Map.of(PARTITION, Origins.NONE), Map.of(), Set.of(), Map.of(table, rules));
            for (RowChange change : run.subList(at, to)) {
                batch.add(new Incoming(PARTITION, at, of(table, change), null));
            }
            for (Write write : batch.writes(List.of(table), WriteOrder.UPSERTS_FIRST)) {
                writer.apply(connection, write);
            }
            at = to;
        }
        return query("SELECT * FROM " + name + " ORDER BY id");
    }

    private static RowChange of(TargetTable table, RowChange change) {
        return change instanceof RowChange.Upsert upsert
                ? new RowChange.Upsert(table, change.key(), upsert.row(), change.provenance())
                : new RowChange.Delete(table, change.key(), change.provenance());
    }

    /** As a source makes them: what is changed in part or deleted is there. Times go back at times. */
    private static List<RowChange> run(Random random, int changes) {
        TargetTable nowhere = TargetTable.inDefaultSchema("t");
        long base = 1_767_225_600_000_000L;
        List<RowChange> run = new ArrayList<>();
        Set<Integer> there = new HashSet<>(Set.of(1, 2));
        for (int i = 0; i < changes; i++) {
            int id = random.nextInt(5);
            Provenance when =
                    new Provenance(new Position(1, i, 1), base + i * 1_000_000L, null, Provenance.Kind.STREAM);
            Key key = new Key(SCHEMA.keySchema(), new Object[] {id});
            boolean exists = there.contains(id);
            if (exists && random.nextInt(4) == 0) {
                run.add(new RowChange.Delete(nowhere, key, when));
                there.remove(id);
                continue;
            }
            Object time = random.nextInt(8) == 0 ? null : (Object) (base + random.nextInt(60) * 1_000_000L);
            Object v = exists && random.nextInt(3) == 0 ? Unchanged.UNCHANGED : "v" + i;
            run.add(new RowChange.Upsert(nowhere, key, new Row(SCHEMA, new Object[] {id, v, "w" + i, time}), when));
            there.add(id);
        }
        return run;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<List<String>> query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<List<String>> found = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                found.add(row);
            }
            return found;
        }
    }

    private static Write.Upserts upsert(TargetTable table, Object... values) {
        return new Write.Upserts(table, SCHEMA, List.of(new Row(SCHEMA, values)), false);
    }

    private TargetTable made(WriteRules rules) throws SQLException {
        TargetTable table = TargetTable.inDefaultSchema("items");
        assertThat(TargetTables.prepare(connection, table, SCHEMA, rules)).isEmpty();
        return table;
    }

    private List<String> row() throws SQLException {
        return query("SELECT * FROM items").get(0);
    }

    @Test
    void onlyListedColumnsChange() throws SQLException {
        TargetTable table = made(LISTED);
        TableWriter writer = new TableWriter(Map.of(table, LISTED));
        writer.apply(connection, upsert(table, 1, "v1", "w1", null));
        writer.apply(connection, upsert(table, 1, "v2", "w2", null));
        assertThat(row()).containsExactly("1", "v1", "w2", null);
    }

    @Test
    void whatIsThereStays() throws SQLException {
        TargetTable table = made(APPENDED);
        for (WriteRules rules : List.of(APPENDED, FIRST)) {
            TableWriter writer = new TableWriter(Map.of(table, rules));
            writer.apply(connection, upsert(table, 1, "v1", "w1", null));
            assertThat(writer.apply(connection, upsert(table, 1, "v2", "w2", null))
                            .rows())
                    .isZero();
            assertThat(row()).containsExactly("1", "v1", "w1", null);
        }
    }

    @Test
    void theLatestPrevailsEqualAppliesAndNothingLoses() throws SQLException {
        TargetTable table = made(LATEST);
        TableWriter writer = new TableWriter(Map.of(table, LATEST));
        writer.apply(connection, upsert(table, 1, "none", "w", null));
        writer.apply(connection, upsert(table, 1, "five", "w", 5_000_000L));
        assertThat(writer.apply(connection, upsert(table, 1, "four", "w", 4_000_000L)))
                .isEqualTo(new TableWriter.Done(0, 1));
        assertThat(writer.apply(connection, upsert(table, 1, "nothing", "w", null)))
                .isEqualTo(new TableWriter.Done(0, 1));
        assertThat(row().get(1)).isEqualTo("five");
        assertThat(writer.apply(connection, upsert(table, 1, "also five", "w", 5_000_000L)))
                .isEqualTo(new TableWriter.Done(1, 0));
        assertThat(row().get(1)).isEqualTo("also five");
    }

    @Test
    void aSourceThatOverwritesSomethingNewerIsCounted() throws SQLException {
        WriteRules rules = rules(WriteSpec.upsert(), new DeletePolicy.Hard(), by(Resolution.SOURCE_WINS, true));
        TargetTable table = made(rules);
        TableWriter writer = new TableWriter(Map.of(table, rules));
        writer.apply(connection, upsert(table, 1, "five", "w", 5_000_000L));
        assertThat(writer.apply(connection, upsert(table, 1, "four", "w", 4_000_000L)))
                .isEqualTo(new TableWriter.Done(1, 1));
        assertThat(row().get(1)).isEqualTo("four");
    }

    @Test
    void aMarkMayBeATimeOrAFlag() throws SQLException {
        for (String type : List.of("timestamp with time zone", "timestamp", "boolean")) {
            execute("DROP TABLE IF EXISTS items");
            execute("CREATE TABLE items (id int PRIMARY KEY, v text, w text, at timestamptz, gone " + type
                    + (type.equals("boolean") ? " NOT NULL" : "") + ")");
            TargetTable table = made(MARKED);
            TableWriter writer = new TableWriter(Map.of(table, MARKED));
            Key key = new Key(SCHEMA.keySchema(), new Object[] {1});
            writer.apply(connection, upsert(table, 1, "v", "w", null));
            String none = row().get(4);
            writer.apply(
                    connection,
                    new Write.Marks(table, SCHEMA.keySchema(), List.of(key), List.of(1_767_225_600_000_000L)));
            assertThat(row().get(4))
                    .isIn("2026-01-01 00:00:00+00", "2026-01-01 00:00:00", "t")
                    .isNotEqualTo(none);
            writer.apply(connection, upsert(table, 1, "back", "w", null));
            assertThat(row().get(4)).isEqualTo(none);
        }
    }

    @Test
    void rulesThatRowsOrTablesCantFollowAreRefused() throws SQLException {
        TargetTable table = TargetTable.inDefaultSchema("refused");
        assertThat(problems(table, rules(WriteSpec.upsert(), new DeletePolicy.Soft("v"), ConflictSpec.sourceWins())))
                .containsExactly("the rows bring a value for the column that is to mark deleted ones");
        assertThat(problems(
                        table,
                        rules(
                                WriteSpec.upsert(),
                                new DeletePolicy.Hard(),
                                new ConflictSpec(Resolution.LAST_WRITE_WINS, Optional.of("v"), false, Place.NOWHERE))))
                .containsExactly("it can't tell which of two rows is the newer one");
        assertThat(problems(
                        table, rules(WriteSpec.firstWins(), new DeletePolicy.Soft("gone"), ConflictSpec.sourceWins())))
                .containsExactly("a row that stays with a mark would never be replaced where the first one wins");
        execute("CREATE TABLE refused (id int PRIMARY KEY, v text, w text, at timestamptz)");
        assertThat(problems(table, MARKED)).containsExactly("the table has no such column to mark deleted rows in");
        execute("ALTER TABLE refused ADD COLUMN gone int");
        assertThat(problems(table, MARKED)).containsExactly("a column of type integer can't mark deleted rows");
    }

    /** As TimescaleDB does where a statement reaches into compressed chunks. */
    private static final String DECOMPRESSION_LIMIT =
            """
            CREATE FUNCTION decompression() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF coalesce(current_setting('timescaledb.max_tuples_decompressed_per_dml_transaction', true), '') <> '0'
                 AND (SELECT sum(CASE w WHEN 'heavy' THEN 5 ELSE 1 END) FROM arriving) > 4 THEN
                RAISE 'tuple decompression limit exceeded by operation' USING ERRCODE = '53400';
              END IF;
              INSERT INTO statements SELECT count(*) FROM arriving;
              RETURN NULL;
            END $$;
            CREATE TABLE statements (rows int);
            CREATE TRIGGER decompression AFTER INSERT ON late REFERENCING NEW TABLE AS arriving
            FOR EACH STATEMENT EXECUTE FUNCTION decompression()
            """;

    @Test
    void rowsThatComeLateIntoCompressedChunksAreWrittenByStatementsThatAreSmallEnough() throws SQLException {
        TargetTable table = TargetTable.inDefaultSchema("late");
        WriteRules rules = new WriteRules(
                WriteSpec.upsert(),
                new DeletePolicy.Hard(),
                ConflictSpec.sourceWins(),
                Optional.of(new HypertableSpec(
                        "at",
                        Duration.ofDays(1),
                        Optional.of(Duration.ofDays(7)),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Place.NOWHERE)),
                false);
        TargetTables.prepare(connection, table, SCHEMA, rules);
        execute(DECOMPRESSION_LIMIT);
        List<Row> rows = new ArrayList<>();
        for (int id = 0; id < 10; id++) {
            rows.add(new Row(SCHEMA, new Object[] {id, "v", id == 9 ? "heavy" : "light", 0L}));
        }
        connection.setAutoCommit(false);
        TableWriter.Done done =
                new TableWriter(Map.of(table, rules)).apply(connection, new Write.Upserts(table, SCHEMA, rows, false));
        connection.commit();
        connection.setAutoCommit(true);

        assertThat(done.rows()).isEqualTo(10);
        assertThat(query("SELECT count(*) FROM late")).containsExactly(List.of("10"));
        assertThat(query("SELECT rows FROM statements"))
                .as("no more and no smaller ones than needed")
                .containsExactly(List.of("2"), List.of("3"), List.of("2"), List.of("1"), List.of("1"), List.of("1"));
    }

    private List<String> problems(TargetTable table, WriteRules rules) throws SQLException {
        return TargetTables.prepare(connection, table, SCHEMA, rules).stream()
                .map(Finding::problem)
                .toList();
    }
}

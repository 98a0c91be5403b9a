package io.sluice.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.ledger.LedgerSchema;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows whose key is a number that the target gives. */
class NumberedRowsIT {

    private static final TableId SOURCE = new TableId("mongo", "app", "users");
    private static final TargetTable USERS = TargetTable.inDefaultSchema("Users");
    private static final TargetTable CONFIGS = TargetTable.inDefaultSchema("configs");
    private static final RowSchema USER =
            new RowSchema("Users", List.of(number("id"), new Column("name", Simple.TEXT, "text", true)), List.of("id"));
    private static final RowSchema CONFIG = new RowSchema(
            "configs",
            List.of(
                    number("user id"),
                    new Column("kind", Simple.TEXT, "text", false),
                    new Column("data", Simple.TEXT, "text", true)),
            List.of("user id", "kind"));

    private final Database database = PostgresServer.shared().freshDatabase("numbered");
    private final KeySpaces spaces = new KeySpaces("p", "one");
    private Connection connection;

    private static Column number(String name) {
        return new Column(name, Simple.UUID, "bigint", false);
    }

    private static ColumnSpec generated(String name) {
        return ColumnSpec.of(
                name,
                new ColumnValue.Generated(
                        ColumnValue.GeneratedKind.SERIAL, List.of(new ColumnValue.Field(FieldPath.of("_id")))));
    }

    private static TableSpec table(TargetTable table, List<String> key, String numbered) {
        return TableSpec.builder(table, SOURCE)
                .key(key)
                .columns(ColumnsSpec.only(List.of(generated(numbered))))
                .build();
    }

    /** The child stands first: it is the parent's numbers that count all the same. */
    private static ServiceSpec service() {
        return ServiceSpec.eventual(
                "one",
                TargetSpec.postgresql("postgresql://x/y"),
                List.of(table(CONFIGS, List.of("user id", "kind"), "user id"), table(USERS, List.of(), "id")));
    }

    @BeforeEach
    void prepare() throws SQLException {
        connection = open();
        LedgerSchema.prepare(connection);
        assertThat(TargetTables.prepare(connection, USERS, USER, WriteRules.PLAIN))
                .isEmpty();
        assertThat(TargetTables.prepare(connection, CONFIGS, CONFIG, WriteRules.PLAIN))
                .isEmpty();
        assertThat(spaces.prepare(connection, service())).isEmpty();
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl());
    }

    private TableWriter writer() {
        return new TableWriter(Map.of(), spaces);
    }

    private static UUID name(int user) {
        return UUID.nameUUIDFromBytes(("user " + user).getBytes(StandardCharsets.UTF_8));
    }

    private static Write users(int... ids) {
        List<Row> rows = IntStream.of(ids)
                .mapToObj(id -> new Row(USER, new Object[] {name(id), "user " + id}))
                .toList();
        return new Write.Upserts(USERS, USER, rows, false);
    }

    private static Write configs(int... ids) {
        List<Row> rows = IntStream.of(ids)
                .mapToObj(id -> new Row(CONFIG, new Object[] {name(id), "theme", "of " + id}))
                .toList();
        return new Write.Upserts(CONFIGS, CONFIG, rows, false);
    }

    private static Write without(int... ids) {
        RowSchema key = USER.keySchema();
        return new Write.Deletes(
                USERS,
                key,
                IntStream.of(ids)
                        .mapToObj(id -> new Key(key, new Object[] {name(id)}))
                        .toList());
    }

    private void apply(Write... writes) throws SQLException {
        TableWriter writer = writer();
        for (Write write : writes) {
            writer.apply(connection, write);
        }
    }

    private List<String> rows(String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static final String TOGETHER =
            "SELECT u.id || ' ' || name || ' ' || coalesce(data, 'none') FROM \"Users\" u "
                    + "LEFT JOIN configs ON \"user id\" = u.id ORDER BY u.name";

    @Test
    void parentsAndChildrenAgreeWhoeverComesFirstAndAReplayMakesNoSecondRow() throws SQLException {
        apply(configs(2), users(1, 2), configs(1));
        List<String> before = rows(TOGETHER);
        assertThat(before).containsExactly("2 user 1 of 1", "1 user 2 of 2");

        apply(users(1, 2), configs(1, 2), users(2));
        assertThat(rows(TOGETHER)).isEqualTo(before);
        apply(users(3));
        assertThat(rows("SELECT max(id) FROM \"Users\""))
                .as("no number is wasted on replays")
                .containsExactly("3");
    }

    @Test
    void aRowThatGoesAndComesBackIsTheSameOneAndNobodyElseGetsItsNumber() throws SQLException {
        apply(users(1), users(2), configs(1), without(1, 7));
        assertThat(rows("SELECT id FROM \"Users\"")).containsExactly("2");
        apply(users(3), users(1));
        assertThat(rows(TOGETHER)).containsExactly("1 user 1 of 1", "2 user 2 none", "3 user 3 none");
    }

    @Test
    void whatTheServiceInsertsItselfTakesTheNumbersThatFollow() throws SQLException {
        apply(users(1), users(2));
        execute("INSERT INTO \"Users\" (name) VALUES ('of the service')");
        apply(users(3));
        assertThat(rows("SELECT id || ' ' || name FROM \"Users\" ORDER BY id"))
                .containsExactly("1 user 1", "2 user 2", "3 of the service", "4 user 3");
    }

    @Test
    void aNumberThatWasRolledBackIsGivenAnew() throws SQLException {
        connection.setAutoCommit(false);
        apply(users(1, 2));
        connection.rollback();
        connection.setAutoCommit(true);
        apply(users(2, 1), configs(1, 2));
        assertThat(
                        rows(
                                "SELECT count(*) FROM \"Users\" JOIN configs ON \"user id\" = id AND data = 'of ' || substr(name, 6)"))
                .containsExactly("2");
    }

    @Test
    void aSequenceThatBeginsAnewIsPutBehindTheNumbersThatWereGiven() throws SQLException {
        apply(users(1), users(2), users(3), without(3));
        execute("TRUNCATE \"Users\" RESTART IDENTITY");
        assertThat(spaces.prepare(connection, service())).isEmpty();
        apply(users(4));
        assertThat(rows("SELECT id FROM \"Users\"")).containsExactly("4");
        apply(users(1));
        assertThat(rows("SELECT id FROM \"Users\" ORDER BY id")).containsExactly("1", "4");
    }

    @Test
    void aColumnKeepsToTheNumbersThatItHas() throws SQLException {
        apply(users(1), configs(1));
        ServiceSpec apart = ServiceSpec.eventual(
                "one",
                TargetSpec.postgresql("postgresql://x/y"),
                List.of(table(CONFIGS, List.of("user id", "kind"), "user id")));
        assertThat(spaces.prepare(connection, apart)).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
            assertThat(finding.place()).isEqualTo("table configs column user id");
        });
    }

    @Test
    void aTableOfTheUsersOwnWithoutASequenceGetsItsNumbersElsewhere() throws SQLException {
        execute("ALTER TABLE \"Users\" ALTER COLUMN id DROP IDENTITY");
        execute("INSERT INTO \"Users\" VALUES (41, 'there before')");
        assertThat(spaces.prepare(connection, service())).isEmpty();
        apply(configs(1), users(1));
        assertThat(rows("SELECT id FROM \"Users\" JOIN configs ON \"user id\" = id"))
                .containsExactly("42");
    }

    @Test
    void sinksThatNumberTheSameAtOnceAgreeAndNeitherWaitsForTheOtherForEver() throws Exception {
        int sinks = 4;
        ExecutorService threads = Executors.newFixedThreadPool(sinks);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < sinks; i++) {
                Random random = new Random(i);
                done.add(threads.submit(() -> {
                    try (Connection mine = open()) {
                        TableWriter writer = writer();
                        for (int batch = 0; batch < 20; batch++) {
                            int first = batch * 20;
                            List<Integer> ids = new ArrayList<>(
                                    IntStream.range(first, first + 60).boxed().toList());
                            Collections.shuffle(ids, random);
                            int[] shuffled = ids.stream().mapToInt(id -> id).toArray();
                            writer.number(mine, users(shuffled));
                            writer.number(mine, configs(shuffled));
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(
                        rows(
                                "SELECT count(*) || ' ' || count(DISTINCT number) || ' ' || count(DISTINCT space) FROM sluice.key_map"))
                .containsExactly("440 440 1");
    }
}

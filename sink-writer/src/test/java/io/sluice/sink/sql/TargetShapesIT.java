package io.sluice.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteRules;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables as services have them: a row goes into each, is replaced, changed in part, and deleted. */
class TargetShapesIT {

    private static final Object SAME = Unchanged.UNCHANGED;
    private static final Column ID = new Column("id", Simple.INT32, "integer", false);
    private static final Column NAME = new Column("name", Simple.TEXT, "text", true);
    private static final Column NUMBER = new Column("n", Simple.INT32, "integer", true);
    private static final RowSchema PLAIN = rows(ID, NAME, NUMBER);

    private final String url = PostgresServer.shared().freshDatabase("shapes").jdbcUrl();
    private final TableWriter writer = new TableWriter(Map.of());
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(url);
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private static RowSchema rows(Column... columns) {
        return new RowSchema("t", List.of(columns), List.of(columns[0].name()));
    }

    private static Column column(String name, LogicalType type, String declared) {
        return new Column(name, type, declared, true);
    }

    private static TargetTable table(String name) {
        return TargetTable.inDefaultSchema(name);
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows, each as PostgreSQL writes it. */
    private List<String> shown(TargetTable table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery("SELECT coalesce(array_agg(t::text ORDER BY t::text), '{}') FROM "
                                + Identifiers.qualified(table.schema(), table.table()) + " t")) {
            found.next();
            return List.of((String[]) found.getArray(1).getArray());
        }
    }

    private void upsert(TargetTable table, RowSchema schema, Object... values) throws SQLException {
        writer.apply(connection, new Write.Upserts(table, schema, List.of(new Row(schema, values)), false));
    }

    private int update(TargetTable table, RowSchema schema, Object... values) throws SQLException {
        BitSet known = new BitSet();
        for (int i = 0; i < values.length; i++) {
            known.set(i, values[i] != SAME);
        }
        return writer.apply(connection, new Write.Updates(table, schema, known, List.of(new Row(schema, values))))
                .rows();
    }

    private int delete(TargetTable table, RowSchema schema, Object... key) throws SQLException {
        Key made = new Key(schema.keySchema(), key);
        return writer.apply(connection, new Write.Deletes(table, schema.keySchema(), List.of(made)))
                .rows();
    }

    private List<Finding> findings(TargetTable table, RowSchema schema) throws SQLException {
        return TargetTables.prepare(connection, table, schema, WriteRules.PLAIN);
    }

    private List<String> problems(TargetTable table, RowSchema schema) throws SQLException {
        return findings(table, schema).stream().map(Finding::problem).toList();
    }

    /** The whole life of a row beside another one that is to stay as it is. */
    private void live(TargetTable table, RowSchema schema, Object[] first, Object[] second, Object[] patch)
            throws SQLException {
        assertThat(findings(table, schema)).isEmpty();
        Object[] other = second.clone();
        other[0] = first[0] instanceof Integer id ? (Object) (id + 1) : first[0] + "2";
        upsert(table, schema, first);
        upsert(table, schema, other);
        List<String> both = shown(table);
        assertThat(both).hasSize(2);
        upsert(table, schema, second);
        assertThat(shown(table)).hasSize(2).isNotEqualTo(both);
        assertThat(update(table, schema, patch)).isEqualTo(1);
        Object[] expected = second.clone();
        for (int i = 0; i < patch.length; i++) {
            expected[i] = patch[i] == SAME ? second[i] : patch[i];
        }
        List<String> patched = shown(table);
        upsert(table, schema, expected);
        assertThat(shown(table)).isEqualTo(patched).isNotEqualTo(both);
        assertThat(delete(table, schema, first[0])).isEqualTo(1);
        assertThat(shown(table)).hasSize(1);
        assertThat(both).containsAll(shown(table));
        delete(table, schema, other[0]);
        assertThat(shown(table)).isEmpty();
    }

    private static Object[] values(Object... values) {
        return values;
    }

    private void livePlain(TargetTable table) throws SQLException {
        live(table, PLAIN, values(1, "a", 1), values(1, "b", 2), values(1, SAME, 3));
    }

    @Test
    void identityColumnsTakeTheSourcesNumbers() throws SQLException {
        execute("CREATE TABLE always (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, n int)");
        execute("CREATE TABLE by_default (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text, n int)");
        execute("CREATE TABLE serial (id serial PRIMARY KEY, name text, n int)");
        for (String name : List.of("always", "by_default", "serial")) {
            livePlain(table(name));
        }
    }

    @Test
    void aNumberThatCanNotBeChangedIsToldBefore() throws SQLException {
        execute("CREATE TABLE numbered (id int PRIMARY KEY, name text, n int GENERATED ALWAYS AS IDENTITY)");
        execute("CREATE TABLE computed (id int PRIMARY KEY, name text, n int GENERATED ALWAYS AS (id * 2) STORED)");
        assertThat(TargetHazards.warnings(connection, table("numbered"), PLAIN))
                .extracting(Finding::remedy)
                .containsExactly(
                        "Run: ALTER TABLE \"public\".\"numbered\" ALTER COLUMN \"n\" SET GENERATED BY DEFAULT");
        assertThat(TargetHazards.warnings(connection, table("computed"), PLAIN))
                .extracting(Finding::remedy)
                .containsExactly(
                        "Leave it out of the rows, or run: ALTER TABLE \"public\".\"computed\" ALTER COLUMN \"n\" "
                                + "DROP EXPRESSION");
        for (Finding finding : TargetHazards.warnings(connection, table("numbered"), PLAIN)) {
            execute(finding.remedy().substring("Run: ".length()));
        }
        livePlain(table("numbered"));
    }

    @Test
    void aKeyThatTheDatabaseComputesStillFindsItsRowAndNoOther() throws SQLException {
        execute("CREATE TABLE computed (tenant int GENERATED ALWAYS AS (n / 100) STORED, id int, n int, name text, "
                + "UNIQUE (tenant, id))");
        RowSchema schema = new RowSchema(
                "t",
                List.of(new Column("tenant", Simple.INT32, "integer", false), ID, NUMBER, NAME),
                List.of("tenant", "id"));
        TargetTable table = table("computed");
        assertThat(findings(table, schema)).isEmpty();
        upsert(table, schema, 1, 7, 100, "a");
        upsert(table, schema, 2, 7, 200, "a");
        assertThat(update(table, schema, 2, 7, SAME, "b")).isEqualTo(1);
        assertThat(shown(table)).containsExactly("(1,7,100,a)", "(2,7,200,b)");
        writer.apply(
                connection,
                new Write.Replacements(table, schema, List.of(new Row(schema, new Object[] {1, 7, 150, "c"}))));
        assertThat(shown(table)).containsExactly("(1,7,150,c)", "(2,7,200,b)");
        assertThat(delete(table, schema, 1, 7)).isEqualTo(1);
        assertThat(shown(table)).containsExactly("(2,7,200,b)");
    }

    @Test
    void typesOfTheServicesOwnAreWrittenInAnySchema() throws SQLException {
        execute("CREATE SCHEMA \"Types\"");
        execute("CREATE TYPE \"Types\".\"Mood\" AS ENUM ('so so', 'well, \"ok\"', 'NULL')");
        execute("CREATE DOMAIN \"Types\".word AS varchar(9) CHECK (VALUE <> '')");
        execute("CREATE DOMAIN \"Types\".short AS \"Types\".word CHECK (length(VALUE) < 5)");
        execute("CREATE DOMAIN \"Types\".words AS \"Types\".short[]");
        execute("CREATE TABLE \"Types\".t (id \"Types\".short PRIMARY KEY, mood \"Types\".\"Mood\", "
                + "moods \"Types\".\"Mood\"[], words \"Types\".words, matrix int[][])");
        RowSchema schema = rows(
                new Column("id", Simple.TEXT, "\"Types\".short", false),
                column("mood", new Native("Mood"), "\"Types\".\"Mood\""),
                column("moods", new Array(new Native("Mood")), "\"Types\".\"Mood\"[]"),
                column("words", new Array(Simple.TEXT), "\"Types\".words"),
                column("matrix", new Native("_int4"), "integer[]"));
        TargetTable table = new TargetTable("Types", "t");
        live(
                table,
                schema,
                values("a", "so so", List.of("NULL"), List.of("x", "y"), "{{1,2},{3,4}}"),
                values("a", "well, \"ok\"", Arrays.asList(null, "well, \"ok\""), List.of(), null),
                values("a", SAME, SAME, List.of("NULL", "a,b"), "{}"));
        // Of the second domain's own check.
        assertThatThrownBy(() -> upsert(table, schema, "toolong", null, null, null, null))
                .isInstanceOfSatisfying(SQLException.class, e -> assertThat(SqlErrors.reaction(e))
                        .isEqualTo(SqlErrors.Reaction.DATA));
    }

    @Test
    void rowsOfPartitionedTablesGoFromOnePartitionToAnother() throws SQLException {
        execute("CREATE TABLE ranged (id int, n int, name text, PRIMARY KEY (id, n)) PARTITION BY RANGE (n)");
        execute("CREATE TABLE ranged_1 PARTITION OF ranged FOR VALUES FROM (0) TO (100)");
        execute("CREATE TABLE ranged_2 (name text, n int NOT NULL, id int NOT NULL, gone text)");
        execute("ALTER TABLE ranged_2 DROP COLUMN gone");
        execute("ALTER TABLE ranged ATTACH PARTITION ranged_2 FOR VALUES FROM (100) TO (200)");
        RowSchema schema = new RowSchema("t", List.of(ID, NUMBER, NAME), List.of("id", "n"));
        TargetTable table = table("ranged");
        assertThat(findings(table, schema)).isEmpty();
        upsert(table, schema, 1, 50, "a");
        upsert(table, schema, 1, 50, "b");
        // A key that changes is one row that goes and another that comes.
        assertThat(delete(table, schema, 1, 50)).isEqualTo(1);
        upsert(table, schema, 1, 150, "b");
        assertThat(update(table, schema, 1, 150, "c")).isEqualTo(1);
        assertThat(shown(table)).containsExactly("(1,150,c)");
        assertThat(shown(table("ranged_2"))).containsExactly("(c,150,1)");
        assertThatThrownBy(() -> upsert(table, schema, 2, 500, "no partition"))
                .isInstanceOfSatisfying(SQLException.class, e -> assertThat(SqlErrors.reaction(e))
                        .isEqualTo(SqlErrors.Reaction.DATA));

        execute("CREATE TABLE hashed (id int PRIMARY KEY, name text, n int) PARTITION BY HASH (id)");
        for (int i = 0; i < 3; i++) {
            execute("CREATE TABLE hashed_" + i + " PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER " + i
                    + ")");
        }
        livePlain(table("hashed"));
    }

    @Test
    void aRowWhosePartitionChangesBesideItsKeyIsMoved() throws SQLException {
        execute("CREATE TABLE listed (id int, name text, n int, PRIMARY KEY (id, n)) PARTITION BY LIST (n)");
        execute("CREATE TABLE listed_1 PARTITION OF listed FOR VALUES IN (1)");
        assertThat(findings(table("listed"), PLAIN))
                .extracting(Finding::remedy)
                .containsExactly(
                        "A unique index of a partitioned table holds the columns that choose the partition: name (n) "
                                + "under `key:`, too, or let the table be partitioned by columns of its key.");
        execute("CREATE TABLE keyless (id int, name text, n int) PARTITION BY LIST (id)");
        String remedy = findings(table("keyless"), PLAIN).get(0).remedy();
        assertThat(remedy).isEqualTo("Run: CREATE UNIQUE INDEX ON \"public\".\"keyless\" (\"id\")");
        execute(remedy.substring("Run: ".length()));
        execute("CREATE TABLE keyless_1 PARTITION OF keyless FOR VALUES IN (1, 2)");
        livePlain(table("keyless"));
    }

    @Test
    void namesAreOnlyNames() throws SQLException {
        List<String> names = List.of(
                "select",
                "Mixed Case",
                " ",
                "quote\"s'",
                "a.b",
                "$1 ? ?? :x",
                "naïve 表 😀",
                "\\n\n\t",
                "x".repeat(63),
                "é".repeat(31));
        for (String schemaName : List.of("public", "user", "Ä \"b\"")) {
            for (String name : names) {
                RowSchema schema = rows(
                        new Column(name, Simple.INT32, "integer", false),
                        column("u" + name.substring(0, Math.min(name.length(), 30)), Simple.TEXT, "text"),
                        column("t", Simple.INT32, "integer"));
                live(
                        new TargetTable(schemaName, name),
                        schema,
                        values(1, "a", 1),
                        values(1, "b", 2),
                        values(1, SAME, 3));
            }
        }
    }

    @Test
    void threeHundredColumnsLiveLikeThree() throws SQLException {
        List<Column> columns = new ArrayList<>(List.of(ID));
        for (int i = 1; i < 300; i++) {
            columns.add(column("column " + i, i % 2 == 0 ? Simple.TEXT : Simple.INT64, i % 2 == 0 ? "text" : "bigint"));
        }
        Object[] first = new Object[300];
        Object[] second = new Object[300];
        Object[] patch = new Object[300];
        first[0] = second[0] = patch[0] = 1;
        for (int i = 1; i < 300; i++) {
            first[i] = i % 2 == 0 ? "v" + i : (Object) (long) i;
            second[i] = i % 2 == 0 ? "w" + i : null;
            patch[i] = i % 3 == 0 ? (i % 2 == 0 ? "x" : (Object) 7L) : SAME;
        }
        live(table("wide"), rows(columns.toArray(new Column[0])), first, second, patch);
    }

    @Test
    void aValueOfThirtyMegabytesArrivesWhole() throws SQLException {
        byte[] bytes = new byte[30 << 20];
        new java.util.Random(7).nextBytes(bytes);
        RowSchema schema = rows(ID, column("b", Simple.BYTES, "bytea"), column("n", Simple.INT32, "integer"));
        TargetTable table = table("large");
        assertThat(findings(table, schema)).isEmpty();
        upsert(table, schema, 1, Bytes.wrap(new byte[1]), 1);
        upsert(table, schema, 1, Bytes.wrap(bytes), 2);
        assertThat(update(table, schema, 1, SAME, 3)).isEqualTo(1);
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT b FROM large WHERE n = 3")) {
            found.next();
            assertThat(found.getBytes(1)).isEqualTo(bytes);
        }
        assertThat(delete(table, schema, 1)).isEqualTo(1);
    }

    @Test
    void whatWouldLoseOrHideRowsIsRefusedWithTheStatementThatMendsIt() throws SQLException {
        execute("CREATE UNLOGGED TABLE brief (id int PRIMARY KEY, name text, n int)");
        assertThat(findings(table("brief"), PLAIN))
                .extracting(Finding::remedy)
                .containsExactly("Run: ALTER TABLE \"public\".\"brief\" SET LOGGED");
        execute("ALTER TABLE brief SET LOGGED");
        livePlain(table("brief"));

        execute("CREATE TABLE ruled (id int PRIMARY KEY, name text, n int)");
        execute("CREATE RULE \"No more\" AS ON DELETE TO ruled DO INSTEAD NOTHING");
        assertThat(problems(table("ruled"), PLAIN))
                .containsExactly("rules do something else than what is written: \"No more\"");
        assertThatThrownBy(() -> upsert(table("ruled"), PLAIN, 1, "a", 1))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("DISABLE RULE");
        execute("ALTER TABLE ruled DISABLE RULE \"No more\"");
        livePlain(table("ruled"));

        execute("CREATE VIEW seen AS SELECT * FROM ruled");
        assertThat(problems(table("seen"), PLAIN))
                .containsExactly("it is a view, a foreign table or something else that rows can't be kept in");
    }

    @Test
    void rowsThatATriggerLeavesOutAreRefusedLikeAnyOther() throws SQLException {
        execute("CREATE TABLE kept (id int PRIMARY KEY, name text, n int)");
        execute("CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                + "IF TG_OP = 'DELETE' THEN RETURN CASE WHEN OLD.n = 13 THEN NULL ELSE OLD END; END IF; "
                + "RETURN CASE WHEN NEW.n = 99 THEN NULL ELSE NEW END; END $$");
        execute(
                "CREATE TRIGGER \"My veto\" BEFORE INSERT OR UPDATE OR DELETE ON kept FOR EACH ROW EXECUTE FUNCTION veto()");
        TargetTable table = table("kept");
        livePlain(table);
        assertThat(TargetHazards.warnings(connection, table, PLAIN))
                .extracting(Finding::remedy)
                .containsExactly("If it is meant for the service's own writes, run until the cutover: ALTER TABLE "
                        + "\"public\".\"kept\" DISABLE TRIGGER \"My veto\"");
        upsert(table, PLAIN, 1, "a", 13);
        delete(table, PLAIN, 2);
        for (RunsSql vetoed : List.<RunsSql>of(
                () -> upsert(table, PLAIN, 2, "a", 99),
                () -> upsert(table, PLAIN, 1, "a", 99),
                () -> delete(table, PLAIN, 1))) {
            assertThatThrownBy(vetoed::run)
                    .isInstanceOfSatisfying(SQLException.class, e -> assertThat(SqlErrors.reaction(e))
                            .isEqualTo(SqlErrors.Reaction.DATA));
        }
        execute("ALTER TABLE kept DISABLE TRIGGER \"My veto\"");
        assertThat(TargetHazards.warnings(connection, table, PLAIN)).isEmpty();
    }

    private interface RunsSql {
        void run() throws SQLException;
    }

    @Test
    void deletionsThatForeignKeysPassOnAreRefusedWhereTablesAreWrittenSideBySide() throws SQLException {
        execute("CREATE TABLE parent (id int PRIMARY KEY)");
        execute("CREATE TABLE plain (id int PRIMARY KEY REFERENCES parent)");
        execute(
                "CREATE TABLE child (id int PRIMARY KEY, p int CONSTRAINT \"to P\" REFERENCES parent ON DELETE CASCADE)");
        execute("CREATE TABLE own (id int PRIMARY KEY, p int REFERENCES parent ON DELETE SET NULL)");
        Set<TargetTable> written = Set.of(table("parent"), table("plain"), table("child"));
        List<Finding> found = TargetHazards.passedOn(connection, written, written);
        assertThat(found)
                .extracting(finding -> finding.severity() + " " + finding.place())
                .containsExactly("ERROR table child", "WARNING table own");
        assertThat(found.get(0).problem()).contains("to P has ON DELETE CASCADE");
        assertThat(found.get(1).problem()).contains("own_p_fkey has ON DELETE SET NULL");
        assertThat(TargetHazards.passedOn(connection, written, Set.of(table("child"))))
                .isEmpty();
    }
}

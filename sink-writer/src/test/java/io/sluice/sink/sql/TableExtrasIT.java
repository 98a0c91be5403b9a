package io.sluice.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.SourceConstraints;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.sink.batch.WriteRules;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A source and a target in two schemas of one database. */
class TableExtrasIT {

    private static final TargetTable USERS = new TargetTable("new", "Users");
    private static final TargetTable ORDERS = new TargetTable("new", "orders");

    private Connection connection;

    @BeforeEach
    void makeSource() throws SQLException {
        connection = DriverManager.getConnection(
                PostgresServer.shared().freshDatabase("extras").jdbcUrl());
        execute("SET search_path TO ''");
        execute("CREATE SCHEMA old");
        execute("CREATE TABLE old.users (id int PRIMARY KEY, email text NOT NULL, n int, UNIQUE (email))");
        execute(
                "CREATE INDEX by_n ON old.users (n DESC NULLS LAST, email COLLATE \"C\" text_pattern_ops) INCLUDE (id)");
        execute("CREATE INDEX computed ON old.users (lower(email))");
        execute("CREATE INDEX high ON old.users ((n + 1)) WHERE n > 100");
        execute("CREATE TABLE old.orders (id int PRIMARY KEY, user_id int CONSTRAINT \"to User\" REFERENCES old.users, "
                + "self int REFERENCES old.orders ON DELETE CASCADE DEFERRABLE, gone int, tags text[])");
        execute("CREATE INDEX tagged ON old.orders USING gin (tags)");
        execute("CREATE INDEX of_gone ON old.orders (id, gone)");
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> texts(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT coalesce(array_agg(t::text), '{}') FROM (" + sql + ") AS s(t)")) {
            found.next();
            return List.of((String[]) found.getArray(1).getArray());
        }
    }

    private TableExtras.Copy copy(TableSpec spec, RowSchema rows) throws SQLException {
        TableId from = spec.from().get(0);
        PostgresTable source = source(from.table());
        return TableExtras.Copy.of(spec, rows, source.row(), SourceConstraints.read(connection, source.oid()))
                .orElseThrow();
    }

    private PostgresTable source(String table) throws SQLException {
        return new PostgresCatalog(connection).read("old", table).orElseThrow();
    }

    private static ColumnSpec renamed(String name, String from) {
        return ColumnSpec.of(name, new ColumnValue.Field(FieldPath.of(from)));
    }

    /** The source's columns, some under another name, some not at all. */
    private static RowSchema rows(PostgresTable source, String dropped, String from, String to) {
        List<Column> columns = new ArrayList<>();
        for (Column column : source.row().columns()) {
            if (!column.name().equals(dropped)) {
                columns.add(new Column(
                        column.name().equals(from) ? to : column.name(),
                        column.type(),
                        column.declared(),
                        column.nullable()));
            }
        }
        return new RowSchema(source.name(), columns, source.row().keyColumns());
    }

    @Test
    void whatFindsRowsIsMadeAndWhatForbidsThemIsKeptForTheCutover() throws SQLException {
        TableSpec usersSpec = TableSpec.builder(USERS, new TableId("m", "old", "users"))
                .columns(ColumnsSpec.andOthers(List.of(renamed("E-mail", "email"))))
                .build();
        TableSpec ordersSpec = TableSpec.builder(ORDERS, new TableId("m", "old", "orders"))
                .columns(ColumnsSpec.andOthers(List.of(ColumnSpec.of("gone", new ColumnValue.Dropped()))))
                .build();
        RowSchema userRows = rows(source("users"), "", "email", "E-mail");
        RowSchema orderRows = rows(source("orders"), "gone", "", "");
        TableExtras.Copy users = copy(usersSpec, userRows);
        TableExtras.Copy orders = copy(ordersSpec, orderRows);
        List<TableExtras.Copy> both = List.of(users, orders);

        TableExtras ofUsers = TableExtras.of(users, both);
        assertThat(ofUsers.leftOut()).containsExactly("index computed");
        TableExtras ofOrders = TableExtras.of(orders, both);
        assertThat(ofOrders.leftOut()).containsExactly("index of_gone");
        assertThat(TableExtras.of(orders, List.of(orders)).leftOut())
                .containsExactly("index of_gone", "foreign key to User");

        assertThat(TargetTables.prepare(connection, USERS, userRows, WriteRules.PLAIN, ofUsers))
                .extracting(Finding::severity)
                .containsExactly(Finding.Severity.INFO, Finding.Severity.INFO);
        TargetTables.prepare(connection, ORDERS, orderRows, WriteRules.PLAIN, ofOrders);
        // Once made, a table is its owner's.
        assertThat(TargetTables.prepare(connection, USERS, userRows, WriteRules.PLAIN, ofUsers))
                .isEmpty();
        assertThat(
                        texts(
                                "SELECT substring(indexdef from 'USING .*') FROM pg_indexes WHERE schemaname = 'new' ORDER BY 1"))
                .containsExactlyInAnyOrder(
                        "USING btree (id)",
                        "USING btree (id)",
                        "USING btree (\"E-mail\")",
                        "USING btree (n DESC NULLS LAST, \"E-mail\" COLLATE \"C\" text_pattern_ops) INCLUDE (id)",
                        "USING btree (((n + 1))) WHERE (n > 100)",
                        "USING gin (tags)");

        for (TableExtras each : List.of(ofUsers, ofOrders)) {
            for (String statement : each.atCutover()) {
                execute(statement);
            }
        }
        assertThat(
                        texts(
                                "SELECT indexdef FROM pg_indexes WHERE schemaname = 'new' AND indexdef LIKE '%UNIQUE%(\"E-mail\")'"))
                .hasSize(1);
        assertThat(texts("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND convalidated "
                        + "AND connamespace = 'new'::regnamespace ORDER BY 1"))
                .containsExactly(
                        "FOREIGN KEY (self) REFERENCES new.orders(id) ON DELETE CASCADE DEFERRABLE",
                        "FOREIGN KEY (user_id) REFERENCES new.\"Users\"(id)");
    }

    @Test
    void anIndexThatTheTargetCanNotMakeIsAWarningWithItsStatement() throws SQLException {
        execute("CREATE FUNCTION old.f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'");
        execute("CREATE INDEX by_f ON old.users (old.f(n))");
        TableSpec spec = TableSpec.copy(USERS, new TableId("m", "old", "users"));
        PostgresTable source = source("users");
        TableExtras extras = TableExtras.of(copy(spec, source.row()), List.of());
        execute("DROP SCHEMA old CASCADE");
        List<Finding> found = TargetTables.prepare(connection, USERS, source.row(), WriteRules.PLAIN, extras);
        assertThat(found.get(0).severity()).isEqualTo(Finding.Severity.WARNING);
        assertThat(found.get(0).remedy()).contains("CREATE INDEX ON \"new\".\"Users\" USING \"btree\" ((old.f(n)))");
        assertThat(texts("SELECT indexdef FROM pg_indexes WHERE schemaname = 'new'"))
                .hasSize(5);
    }
}

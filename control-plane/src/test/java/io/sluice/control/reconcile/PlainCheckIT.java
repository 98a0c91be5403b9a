package io.sluice.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.TableSpec;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a mapping that is wrong would leave behind: no other part of a comparison could see it. */
class PlainCheckIT {

    private static final TableSpec TABLE = TableSpec.builder(
                    TargetTable.inDefaultSchema("people"), new TableId("s", "public", "persons"))
            .columns(ColumnsSpec.andOthers(List.of(
                    ColumnSpec.of("key", new ColumnValue.Field(FieldPath.of("id"))),
                    ColumnSpec.of("called", new ColumnValue.Field(FieldPath.of("name"))))))
            .build();

    private Database source;
    private Database target;

    @BeforeEach
    void databases() throws Exception {
        source = PostgresServer.shared().freshDatabase("plain_source");
        target = PostgresServer.shared().freshDatabase("plain_target");
        execute(
                source,
                "CREATE TABLE persons (id bigint PRIMARY KEY, name text, alias text, share numeric)",
                "INSERT INTO persons SELECT g, 'n' || g, 'a' || g, g / 3.0 FROM generate_series(1, 300) g");
        execute(target, "CREATE TABLE people (key bigint PRIMARY KEY, called text, alias text, share numeric)");
    }

    private static void execute(Database database, String... statements) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static Session session(Database database) {
        return Session.open(PostgresConnector.of(ConnectionSpec.to(database.url()), "plain-check"));
    }

    private TableReport.Plain check() throws Exception {
        try (Session here = session(source);
                Session there = session(target)) {
            PostgresTable persons = here.ask(() -> here.table("public", "persons"));
            PostgresTable people = there.ask(() -> there.table("public", "people"));
            PlainColumns columns =
                    PlainColumns.of(TABLE, persons.row(), people.row()).orElseThrow();
            return new PlainCheck(columns, persons, people, here, there, true)
                    .run(() -> new Proof.Applied("s 0/0", List.of()), true);
        }
    }

    @Test
    void columnsThatAWrongMappingHasMixedUpAreFound() throws Exception {
        execute(target, "INSERT INTO people SELECT g, 'a' || g, 'n' || g, g / 3.0 FROM generate_series(1, 300) g");
        assertThat(check()).isEqualTo(new TableReport.Plain(300, 300, Set.of("called", "alias")));
    }

    @Test
    void rowsThatAWrongMappingHasLeftOutAreFound() throws Exception {
        execute(target, "INSERT INTO people SELECT g, 'n' || g, 'a' || g, g / 3.0 FROM generate_series(1, 290) g");
        assertThat(check()).isEqualTo(new TableReport.Plain(300, 10, Set.of()));
    }

    @Test
    void numbersThatAreWrittenInAnotherWayAreEqual() throws Exception {
        execute(
                target,
                "INSERT INTO people SELECT g, 'n' || g, 'a' || g, (g / 3.0) * 1.000 FROM generate_series(1, 300) g");
        assertThat(check()).isEqualTo(new TableReport.Plain(300, 0, Set.of()));
    }
}

package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.testing.Database;
import io.sluice.localstack.testing.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;

/** What a reading has to wait for: whoever may have written what the stream does not tell. */
class NextTransactionIT {

    @Test
    void transactionsThatAreOpenAreBelowItAlsoIfNoneBehindThemHasEnded() throws Exception {
        Database database = PostgresServer.shared().freshDatabase("next");
        try (Connection writer = DriverManager.getConnection(database.jdbcUrl());
                Connection reader = DriverManager.getConnection(database.jdbcUrl())) {
            writer.setAutoCommit(false);
            long open = Long.parseLong(Sql.text(writer, "SELECT pg_current_xact_id()"));

            assertThat(Sql.nextTransaction(reader)).isGreaterThan(open);
        }
    }
}

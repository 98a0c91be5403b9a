package io.sluice.app.wiring;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.platform.mongo.MongoConnector;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.platform.postgres.RowTextDecoder;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.transform.mapping.SourceTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.bson.RawBsonDocument;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads a few rows of a source through the decoder that loads use, and changes nothing anywhere. */
public final class SampleReader {

    private static final int LONGEST_SECONDS = 30;
    private static final String APPLICATION = "sluice-preview";

    private final SourceSpec source;

    public SampleReader(SourceSpec source) {
        this.source = source;
    }

    /** Some rows of a table; which ones is the server's choice. */
    public record Sample(SourceTable table, List<Row> rows) {

        public Sample {
            rows = List.copyOf(rows);
        }
    }

    public Sample read(TableId table, int limit) {
        return source.kind() == SourceSpec.Kind.MONGODB ? documents(table, limit) : rows(table, limit);
    }

    private Sample rows(TableId id, int limit) {
        PostgresConnector connector = PostgresConnector.of(source.connection(), APPLICATION);
        try (Connection connection = connector.open()) {
            SessionSettings.apply(connection);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TRANSACTION READ ONLY; SET LOCAL statement_timeout TO '" + LONGEST_SECONDS
                        + "s'; SET LOCAL lock_timeout TO '" + LONGEST_SECONDS + "s'");
            }
            PostgresTable table = new PostgresCatalog(connection)
                    .read(id.schema(), id.table())
                    .orElseThrow(() -> new BadInputException(
                            "SOURCE_UNFIT",
                            "there is no table " + id,
                            source.connection().place().toString(),
                            "Check its name, its schema and the rights of our user."));
            List<Row> rows = rows(connection, table, id, limit);
            connection.rollback();
            return new Sample(new SourceTable(id, table.row(), table.identity() == ReplicaIdentity.FULL), rows);
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }

    private static List<Row> rows(Connection connection, PostgresTable table, TableId id, int limit)
            throws SQLException {
        String columns = table.row().columns().stream()
                .map(Column::name)
                .map(Identifiers::quoted)
                .collect(Collectors.joining(", "));
        RowTextDecoder decoder = new RowTextDecoder(table.row(), id.toString());
        List<Row> rows = new ArrayList<>();
        CopyOut copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (SELECT " + columns + " FROM " + table.qualifiedName() + " LIMIT " + limit
                        + ") TO STDOUT");
        try {
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                rows.add(decoder.copyLine(line));
            }
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
        return rows;
    }

    private Sample documents(TableId id, int limit) {
        MongoConnector connector = MongoConnector.of(source.connection(), APPLICATION);
        DocumentDecoder decoder = new DocumentDecoder(id.table());
        List<Row> rows = new ArrayList<>();
        try (MongoClient client = connector.open()) {
            client.getDatabase(id.schema())
                    .getCollection(id.table(), RawBsonDocument.class)
                    .find()
                    .limit(limit)
                    .maxTime(LONGEST_SECONDS, TimeUnit.SECONDS)
                    .forEach(document ->
                            rows.add(decoder.row(DocumentDecoder.canonicalId(DocumentDecoder.id(document)), document)));
        } catch (MongoException e) {
            throw connector.unreachable(e);
        }
        return new Sample(new SourceTable(id, decoder.schema(), false), rows);
    }
}

package io.sluice.app.wiring;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.MongoCatalog;
import io.sluice.platform.mongo.MongoConnector;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The tables of a database that nobody has described yet; only reads. */
public final class SourceInventory {

    private static final String APPLICATION = "sluice-init";

    // Neither what an extension brought nor what Sluice keeps for itself, and of a partitioned table the whole.
    private static final String TABLES =
            """
            SELECT n.nspname, c.relname
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
              AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sluice', 'sluice_source')
              AND (? OR n.nspname = ANY (?))
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                AND (d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                  OR d.classid = 'pg_catalog.pg_namespace'::regclass AND d.objid = n.oid))
            ORDER BY n.nspname <> 'public', n.nspname, c.relname
            """;

    private final ConnectionSpec connection;
    private final SourceSpec.Kind kind;

    private SourceInventory(ConnectionSpec connection, SourceSpec.Kind kind) {
        this.connection = connection;
        this.kind = kind;
    }

    /** Of the database at that address, of the kind that its scheme says. */
    public static SourceInventory at(String url) {
        return new SourceInventory(
                ConnectionSpec.to(url),
                url.startsWith("mongodb") ? SourceSpec.Kind.MONGODB : SourceSpec.Kind.POSTGRESQL);
    }

    /**
     * A table.
     *
     * @param unfit why it can't be captured as it is; empty where it can
     */
    public record Found(String schema, String table, Optional<String> unfit) {}

    public SourceSpec.Kind kind() {
        return kind;
    }

    /** Where it is, without user and password. */
    public String address() {
        return connection.address();
    }

    /** @param schemas only these; empty: all. For MongoDB the databases, of which one must be named there or in the address */
    public List<Found> tables(List<String> schemas) {
        return kind == SourceSpec.Kind.MONGODB ? collections(schemas) : relations(schemas);
    }

    private List<Found> relations(List<String> schemas) {
        PostgresConnector connector = PostgresConnector.of(connection, APPLICATION);
        try (Connection open = connector.open()) {
            SessionSettings.apply(open);
            PostgresCatalog catalog = new PostgresCatalog(open);
            List<Found> tables = new ArrayList<>();
            for (Found each : names(open, schemas)) {
                catalog.read(each.schema(), each.table())
                        .ifPresent(table -> tables.add(new Found(each.schema(), each.table(), unfit(table))));
            }
            return tables;
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }

    private static List<Found> names(Connection connection, List<String> schemas) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(TABLES)) {
            query.setBoolean(1, schemas.isEmpty());
            query.setArray(2, connection.createArrayOf("text", schemas.toArray()));
            List<Found> names = new ArrayList<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    names.add(new Found(found.getString(1), found.getString(2), Optional.empty()));
                }
            }
            return names;
        }
    }

    private static Optional<String> unfit(PostgresTable table) {
        if (!table.unsupported().isEmpty()) {
            return Optional.of(table.unsupported().get(0));
        }
        if (table.identity() == ReplicaIdentity.NOTHING) {
            return Optional.of("its replica identity is NOTHING");
        }
        return table.row().hasKey() ? Optional.empty() : Optional.of("it has no primary key");
    }

    private List<Found> collections(List<String> schemas) {
        MongoConnector connector = MongoConnector.of(connection, APPLICATION);
        String path = connection.address();
        List<String> databases = !schemas.isEmpty() || path.indexOf('/') < 0 || path.endsWith("/")
                ? schemas
                : List.of(path.substring(path.indexOf('/') + 1));
        List<Found> collections = new ArrayList<>();
        try (MongoClient client = connector.open()) {
            MongoCatalog catalog = new MongoCatalog(client);
            for (String database : databases) {
                List<String> names =
                        client.getDatabase(database).listCollectionNames().into(new ArrayList<>());
                for (String name : new TreeSet<>(names)) {
                    if (!name.startsWith("system.")) {
                        collections.add(new Found(
                                database,
                                name,
                                catalog.find(database, name)
                                        .filter(found -> !found.isPlain() || found.capped())
                                        .map(found -> found.capped() ? "it is capped" : "it is a " + found.type())));
                    }
                }
            }
        } catch (MongoException e) {
            throw connector.unreachable(e);
        }
        return collections;
    }
}

package io.sluice.source.engine;

import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.ExpectedLoad;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.TableState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a start would find, make and read; only reads. */
final class SourceLook {

    // Of a partitioned table what its partitions have. One that was never analyzed says -1.
    private static final String SIZE =
            """
            WITH parts AS (
                SELECT t.relid FROM pg_catalog.pg_partition_tree(?::pg_catalog.oid::pg_catalog.regclass) t WHERE t.isleaf
                UNION SELECT ?::pg_catalog.oid::pg_catalog.regclass)
            SELECT CASE WHEN pg_catalog.bool_or(c.reltuples < 0 AND c.relkind = 'r') THEN -1
                        ELSE pg_catalog.sum(greatest(c.reltuples, 0)) END::bigint,
                   pg_catalog.sum(pg_catalog.pg_table_size(c.oid))
            FROM parts p JOIN pg_catalog.pg_class c ON c.oid = p.relid
            """;

    private final SourceContext context;

    SourceLook(SourceContext context) {
        this.context = context;
    }

    /** @param stored what is known of the tables that were captured so far */
    Preflight run(Map<TableId, TableState> stored) throws SQLException {
        Preflight checked = Preflight.found(new SourceCheck(context).run());
        try (Connection connection = context.connector().open()) {
            SessionSettings.apply(connection);
            return checked.and(new Preflight(List.of(), creations(connection), loads(connection, stored)));
        }
    }

    private List<Creation> creations(Connection connection) throws SQLException {
        List<Creation> creations = new ArrayList<>();
        Publications publications = context.publications();
        for (Map.Entry<String, List<TableId>> each : publications.wanted().entrySet()) {
            String name = each.getKey();
            if (!Publications.exists(connection, name)) {
                creations.add(publication(name, Publications.creation(name, each.getValue())));
                continue;
            }
            List<TableId> missing = publications.missing(connection, name, each.getValue());
            if (!missing.isEmpty()) {
                creations.add(publication(name, Publications.addition(name, missing)));
            }
        }
        if (HeartbeatTable.isNeeded(connection)) {
            List<String> statements = HeartbeatTable.of(context).missing(connection);
            if (!statements.isEmpty()) {
                creations.add(new Creation(
                        Creation.Kind.HEARTBEAT,
                        context.place(),
                        HeartbeatTable.NAME,
                        "for our user may not write messages into the log; made when the source starts",
                        statements));
            }
        }
        if (context.slot().read(connection).isEmpty()) {
            creations.add(Creation.told(
                    Creation.Kind.SLOT,
                    context.place(),
                    context.slotName(),
                    "made when the source first starts, for its snapshot belongs to it"));
        }
        return creations;
    }

    private Creation publication(String name, String statement) {
        return Creation.of(Creation.Kind.PUBLICATION, context.place(), name, statement);
    }

    private List<ExpectedLoad> loads(Connection connection, Map<TableId, TableState> stored) throws SQLException {
        PostgresCatalog catalog = new PostgresCatalog(connection);
        List<ExpectedLoad> loads = new ArrayList<>();
        for (TableId id : context.tables().all()) {
            Optional<PostgresTable> table = catalog.read(id.schema(), id.table());
            if (table.isPresent() && !isLoaded(stored.get(id), context.tables().readers(id))) {
                loads.add(size(connection, id, table.get()));
            }
        }
        return loads;
    }

    private static boolean isLoaded(@Nullable TableState state, List<String> readers) {
        return state != null
                && state.loading() == null
                && !state.isHalted()
                && state.services().containsAll(readers);
    }

    private ExpectedLoad size(Connection connection, TableId id, PostgresTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SIZE)) {
            query.setLong(1, table.oid());
            query.setLong(2, table.oid());
            try (ResultSet found = query.executeQuery()) {
                found.next();
                return new ExpectedLoad(
                        context.source().name(), id.schema() + "." + id.table(), found.getLong(1), found.getLong(2));
            }
        }
    }
}

package io.sluice.source.engine;

import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.position.TableState;
import io.sluice.source.snapshot.KeyRange;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a row is one that a load by ranges has yet to bring to somebody who does not have it. Such a row can't be changed
 * in part; and it need not be, for its range will be read later than this change, and hold it.
 *
 * <p>A row that is gone by now counts as such too: its delete follows, and says all there is to say.
 *
 * <p>How keys compare is known to the database alone, so it is asked, once for each such change. They are rare: an update that
 * leaves a large value alone, in a table that is being read.
 */
final class UnreadRows implements AutoCloseable {

    private static final String UNDEFINED_TABLE = "42P01";

    private final SourceContext context;
    private final Backfills.Opener opener;
    private final Map<TableId, PostgresTable> described = new HashMap<>();
    private @Nullable Connection connection;

    UnreadRows(SourceContext context, Backfills.Opener opener) {
        this.context = context;
        this.opener = opener;
    }

    /** @param key as the database writes it */
    boolean isAwaited(TableState state, List<String> key) {
        Loading loading = state.loading();
        if (loading == null || !loading.byChunks() || state.services().containsAll(loading.services())) {
            return false;
        }
        if (loading.atEnd()) {
            return false;
        }
        List<String> last = loading.last();
        if (last == null) {
            // The first range will be read later than this, and the last key be looked up then.
            return true;
        }
        try {
            return isBetween(state.table(), new KeyRange(loading.cursor(), last), key);
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
    }

    private boolean isBetween(TableId id, KeyRange range, List<String> key) throws SQLException {
        Connection open = connection;
        if (open == null || open.isClosed()) {
            open = opener.open();
            SessionSettings.apply(open);
            connection = open;
        }
        PostgresTable table = described.get(id);
        if (table == null) {
            Optional<PostgresTable> found = new PostgresCatalog(open).read(id.schema(), id.table());
            if (found.isEmpty()) {
                return true;
            }
            // Only its name and key matter, and a table that changes these halts.
            table = found.get();
            described.put(id, table);
        }
        try (Statement statement = open.createStatement();
                ResultSet result = statement.executeQuery(range.holds(table, key))) {
            result.next();
            return result.getBoolean(1);
        } catch (SQLException e) {
            if (UNDEFINED_TABLE.equals(e.getSQLState())) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            Connections.abort(open);
        }
    }
}

package io.sluice.source.engine;

import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.position.TableState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has tables that were truncated read again. Belongs to the publishing thread.
 *
 * <p>The load begins at the boundary of the transaction that truncated the table, in the Kafka transaction that stores that
 * boundary: what stands behind its marks is of a time after the truncation, and whatever happens next, the load is known. A row
 * that the load does not meet, and the stream does not tell of either, is one that was truncated.
 */
final class TruncatedTables {

    private static final Logger LOG = LoggerFactory.getLogger(TruncatedTables.class);

    private final SourceContext context;
    private final TableStates states;
    private final LoadMarks marks;
    private final Map<TableId, PostgresTable> truncated = new LinkedHashMap<>();
    private boolean begun;

    TruncatedTables(SourceContext context, TableStates states, LoadMarks marks) {
        this.context = context;
        this.states = states;
        this.marks = marks;
    }

    /** The open transaction has truncated that table: says whether it is read again, and need not halt. */
    boolean take(TableId id) {
        if (!context.tables().resnapshots(id)) {
            return false;
        }
        Optional<PostgresTable> found = look(id);
        if (found.isEmpty() || !isAsItWas(found.get(), states.get(id))) {
            return false;
        }
        truncated.put(id, found.get());
        return true;
    }

    private Optional<PostgresTable> look(TableId id) {
        try (Connection connection = context.connector().open()) {
            SessionSettings.apply(connection);
            return new PostgresCatalog(connection).read(id.schema(), id.table());
        } catch (SQLException e) {
            throw context.connector().unreachable(e);
        }
    }

    /** Whether it can be read by ranges of the key that it was loaded with. The catalog may be ahead of the log. */
    private static boolean isAsItWas(PostgresTable now, TableState state) {
        return now.oid() == state.oid()
                && TablePlan.isKeyed(now)
                && TableKeys.of(now.row()).equals(state.key());
    }

    /** The transaction ended there. What this stores is in the open Kafka transaction. */
    void reached(int epoch, long boundary) {
        if (truncated.isEmpty()) {
            return;
        }
        TablePlan plan = new TablePlan(epoch, boundary, SourceStart::loadId);
        truncated.forEach((id, table) -> begin(plan, id, table, new Position(epoch, boundary, 0)));
        truncated.clear();
    }

    private void begin(TablePlan plan, TableId id, PostgresTable table, Position position) {
        // Readers hold rows that are gone: a load that is cancelled must not leave it at that.
        TableState state = states.get(id).unlikeEveryReader();
        TableState next = plan.again(state, table, context.tables().readers(id), state.request())
                .orElseThrow(() -> new IllegalStateException("a key that was compared is another now"));
        Loading loading = next.loading();
        if (loading == null) {
            throw new IllegalStateException("a load that does not begin");
        }
        marks.begin(id, loading, position);
        states.put(next);
        context.progress().loading(id, 0, loading.estimate());
        begun = true;
        LOG.info("Table {} was truncated, and is read again", id);
    }

    /** The table has halted after all. */
    void forget(TableId id) {
        truncated.remove(id);
    }

    /** Whether loads have begun since the last call of {@link #takeBegun}. */
    boolean hasBegun() {
        return begun;
    }

    /** Whether loads have begun since the last call. */
    boolean takeBegun() {
        boolean was = begun;
        begun = false;
        return was;
    }
}

package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.position.TableState;
import io.sluice.source.request.LoadRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what operators ask, between two transactions of the stream. */
final class LoadRequests {

    private static final Logger LOG = LoggerFactory.getLogger(LoadRequests.class);

    private final SourceContext context;
    private final TableStates states;
    private final StreamTables tables;
    private final LoadMarks marks;

    LoadRequests(SourceContext context, TableStates states, StreamTables tables, LoadMarks marks) {
        this.context = context;
        this.states = states;
        this.tables = tables;
        this.marks = marks;
    }

    /** What has to follow. */
    enum Effect {
        NONE,
        /** Other tables are to be read in ranges than before. */
        LOADS_CHANGED,
        /** Only a stream that begins anew can do it. */
        NEW_STREAM
    }

    /** What it changes is in the open Kafka transaction when it returns. */
    Effect carryOut(LoadRequest request, Connection sql, StoredOffset at) throws SQLException {
        TableState state = states.find(request.table()).orElse(null);
        if (state == null || request.id().equals(state.request())) {
            return Effect.NONE;
        }
        if (!context.tables().all().contains(request.table())) {
            LOG.warn("Table {} is asked for, and nobody reads it", request.table());
            return Effect.NONE;
        }
        return switch (request.kind()) {
            case LOAD -> load(state, request, sql, at);
            case CANCEL -> cancel(state, request, at);
        };
    }

    private Effect load(TableState state, LoadRequest request, Connection sql, StoredOffset at) throws SQLException {
        TableId id = request.table();
        Optional<PostgresTable> table = new PostgresCatalog(sql).read(id.schema(), id.table());
        if (table.isEmpty()) {
            return refuse(state, request, "there is no such table");
        }
        List<String> readers = context.tables().readers(id);
        Optional<TableState> next = new TablePlan(state.epoch(), at.lsn(), SourceStart::loadId)
                .again(state, table.get(), readers, request.id());
        if (next.isEmpty()) {
            return refuse(state, request, "it has another key than it was loaded with");
        }
        // A table that was made again left its publications.
        context.publications().create(sql);
        TableState begun = next.get();
        Loading loading = begun.loading();
        if (loading == null) {
            throw new IllegalStateException("a load that does not begin");
        }
        marks.begin(id, loading, new Position(begun.epoch(), at.lsn(), 0));
        states.put(begun);
        context.progress().loading(id, 0, loading.estimate());
        LOG.info("Table {} is read again", id);
        // The log describes a table once a stream: one that was passed over has to be described anew.
        return state.isHalted() || !loading.byChunks() ? Effect.NEW_STREAM : Effect.LOADS_CHANGED;
    }

    private Effect cancel(TableState state, LoadRequest request, StoredOffset at) {
        Loading loading = state.loading();
        if (loading == null) {
            return refuse(state, request, "no load is under way");
        }
        TableId id = request.table();
        if (state.services().containsAll(loading.services())) {
            marks.abandon(id, loading, new Position(state.epoch(), at.lsn(), 0));
            states.put(state.withoutLoading().withRequest(request.id()));
            context.progress().streaming(id);
        } else if (context.tables().isReadInOrder(id)) {
            return refuse(state, request, "a service with consistency: strong has none of its rows yet");
        } else if (state.services().isEmpty()) {
            states.put(state.withRequest(request.id()));
            tables.halted(
                    id,
                    new HaltException(
                            "LOAD_CANCELLED",
                            "the load that its readers need was cancelled",
                            "table " + id,
                            "Read it with " + TablePlan.backfillCommand(id) + ", or take it out of the pipeline file."),
                    at.lsn());
        } else {
            return refuse(
                    state, request, "a service has none of its rows yet; take the table out of that service first");
        }
        LOG.info("The load of table {} was cancelled", id);
        return Effect.LOADS_CHANGED;
    }

    private Effect refuse(TableState state, LoadRequest request, String why) {
        LOG.warn("The request {} for table {} is not carried out: {}", request.kind(), request.table(), why);
        states.put(state.withRequest(request.id()));
        return Effect.NONE;
    }
}

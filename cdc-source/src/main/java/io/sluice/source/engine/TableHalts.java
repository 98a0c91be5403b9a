package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.TransactionalPublisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Halts one table: its changes are discarded from there on, and that is stored with what was published before. Where a service
 * must miss nothing, nothing is discarded: then the whole source stops. Belongs to the publishing thread.
 */
final class TableHalts {

    private static final Logger LOG = LoggerFactory.getLogger(TableHalts.class);

    private final SourceContext context;
    private final TransactionalPublisher publisher;
    private final TableStates states;
    private final LoadMarks marks;

    TableHalts(SourceContext context, TransactionalPublisher publisher, TableStates states, LoadMarks marks) {
        this.context = context;
        this.publisher = publisher;
        this.states = states;
        this.marks = marks;
    }

    /**
     * What it stores is in the open Kafka transaction when it returns.
     *
     * @param boundary up to where the table's changes are published
     * @throws HaltException the cause, if it is not this table's alone
     */
    void halt(TableId table, HaltException cause, long boundary) {
        if (publisher.hasFailed()) {
            throw cause;
        }
        context.tables().refuseGap(table, cause);
        TableState state = states.get(table);
        Loading loading = state.loading();
        if (loading != null) {
            marks.abandon(table, loading, new Position(state.epoch(), boundary, 0));
        }
        states.put(state.halted(new TableState.Halted(cause.code(), cause.problem(), cause.remedy(), boundary)));
        context.progress().halted(table, cause);
        LOG.error("Table {} halts, the others go on: {} {} {}", table, cause.code(), cause.problem(), cause.remedy());
    }
}

package io.sluice.source.engine;

import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresServer;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.ChangeTopic;
import io.sluice.source.publish.TransactionalPublisher;
import io.sluice.source.snapshot.LoadJob;
import io.sluice.source.snapshot.LoadListener;
import io.sluice.source.snapshot.SnapshotLoad;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads whole tables in one exported snapshot, many at once, before the stream begins. */
final class WholeLoads {

    private static final int MOST_WORKERS = 4;

    private final SourceContext context;
    private final TransactionalPublisher publisher;
    private final TableStates states;
    private final LoadMarks marks;
    private final TableHalts halts;
    private final Map<String, TopicFacts> topics;
    private final PostgresServer server;

    WholeLoads(
            SourceContext context,
            TransactionalPublisher publisher,
            TableStates states,
            LoadMarks marks,
            Map<String, TopicFacts> topics,
            PostgresServer server) {
        this.context = context;
        this.publisher = publisher;
        this.states = states;
        this.marks = marks;
        this.halts = new TableHalts(context, publisher, states, marks);
        this.topics = topics;
        this.server = server;
    }

    /**
     * Reads them.
     *
     * @param snapshot exported, alive until {@code joined} is called
     * @param filter what the snapshot has seen beyond {@code at}; null: nothing
     * @param at where the rows stand
     */
    void run(
            Connection sql,
            List<TableState> loads,
            String snapshot,
            TableState.@Nullable Filter filter,
            Runnable joined,
            StoredOffset at)
            throws SQLException, InterruptedException {
        if (loads.isEmpty()) {
            joined.run();
            return;
        }
        int epoch = loads.get(0).epoch();
        Position position = new Position(epoch, at.lsn(), 0);
        PostgresCatalog catalog = new PostgresCatalog(sql);
        List<LoadJob> jobs = new ArrayList<>();
        for (TableState load : loads) {
            TableId id = load.table();
            PostgresTable table = catalog.read(id.schema(), id.table())
                    .orElseThrow(() -> new SQLException("table " + id + " is gone", "42P01"));
            jobs.add(new LoadJob(
                    id,
                    table,
                    topics(load),
                    rows -> complete(id, rows, filter, position),
                    cause -> halts.halt(id, cause, at.lsn())));
        }
        int workers = context.source()
                .snapshotWorkers()
                .orElse(Math.min(MOST_WORKERS, Runtime.getRuntime().availableProcessors()));
        new SnapshotLoad(
                        context.connector(),
                        server.version(),
                        workers,
                        context.schemas(),
                        context.kafka().maxRecordBytes(),
                        publisher,
                        new Listener(context))
                .run(
                        jobs,
                        snapshot,
                        joined,
                        new Provenance(position, SourceContext.nowMicros(), null, Provenance.Kind.SNAPSHOT));
    }

    private List<ChangeTopic> topics(TableState state) {
        Loading loading = state.loading();
        if (loading == null) {
            throw new IllegalStateException("a load of nothing");
        }
        return context.tables().changeTopics(state.table(), topics).stream()
                .filter(topic -> loading.services().contains(topic.service()))
                .toList();
    }

    private void complete(TableId table, long rows, TableState.@Nullable Filter filter, Position position) {
        TableState state = states.get(table);
        Loading loading = state.loading();
        if (loading != null) {
            marks.end(table, loading, position);
            states.put(state.loaded(rows, filter));
        }
    }

    private record Listener(SourceContext context) implements LoadListener {

        @Override
        public void loading(TableId table, long estimatedRows) {
            context.progress().loading(table, 0, estimatedRows);
        }

        @Override
        public void rowsRead(TableId table, long rows) {
            context.progress().rowsRead(table, rows);
            context.reach(Safeguards.Point.LOAD_ROWS_SENT);
        }

        @Override
        public void loaded(TableId table, long rows) {
            context.progress().loaded(table, rows);
            context.reach(Safeguards.Point.LOAD_COMMITTED);
        }
    }
}

package io.sluice.source.engine;

import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.TableId;
import io.sluice.source.capture.Remedies;
import io.sluice.source.position.Loading;
import io.sluice.source.position.TableState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a table when a session begins: from what is stored of it, what the catalog has, and who reads it now. Takes
 * values and gives values.
 */
final class TablePlan {

    private final int epoch;
    private final long boundary;
    private final Supplier<String> ids;

    /**
     * @param boundary up to where everything is stored
     * @param ids names for new loads, each another
     */
    TablePlan(int epoch, long boundary, Supplier<String> ids) {
        this.epoch = epoch;
        this.boundary = boundary;
        this.ids = ids;
    }

    /** Every table of a source that starts afresh: all are read at once. */
    TableState fresh(TableId id, PostgresTable table, List<String> readers, boolean sweep) {
        return TableState.unread(id, epoch, table.oid(), TableKeys.of(table.row()))
                .withLoading(Loading.begun(ids.get(), readers, sweep, false, table.estimatedRows()));
    }

    TableState next(TableId id, @Nullable TableState known, Optional<PostgresTable> found, List<String> readers) {
        TableState stored = known == null || known.epoch() != epoch ? null : known;
        if (found.isEmpty()) {
            if (stored == null) {
                throw new IllegalStateException("an unknown table passed the check");
            }
            return stored.isHalted() ? stored : stored.halted(replaced(id, "the table is gone"));
        }
        PostgresTable table = found.get();
        if (stored == null) {
            return TableState.unread(id, epoch, table.oid(), TableKeys.of(table.row()))
                    .withLoading(load(table, readers, false));
        }
        if (stored.isHalted()) {
            return stored.readBy(readers);
        }
        if (stored.oid() != table.oid()) {
            return stored.halted(replaced(id, "the table was dropped and made again"));
        }
        return forReaders(stored.readBy(readers), table, readers);
    }

    private TableState forReaders(TableState state, PostgresTable table, List<String> readers) {
        Loading loading = state.loading();
        List<String> loaded = loading == null ? List.of() : loading.services();
        List<String> newcomers = readers.stream()
                .filter(reader -> !state.services().contains(reader) && !loaded.contains(reader))
                .toList();
        // What was to be left out of the stream, and the deletes to follow it, were in the memory of a session that is
        // gone.
        boolean forgotten = loading == null && !state.isSettled(boundary);
        if (!newcomers.isEmpty() || forgotten) {
            List<String> wanted = new ArrayList<>(forgotten ? state.services() : loaded);
            wanted.addAll(newcomers);
            // Whoever read it once may have rows that went while it did not.
            boolean sweep = forgotten
                    || (loading != null && loading.sweep())
                    || newcomers.stream().anyMatch(state.former()::contains);
            return state.withLoading(
                    load(table, wanted, sweep).withUnsettled(loading == null ? List.of() : loading.unsettled()));
        }
        if (loading != null) {
            return loading.byChunks() ? state : state.withLoading(loading.startedOver(isKeyed(table)));
        }
        return state;
    }

    /** A load as an operator asks for one: for everyone, and what it does not meet goes. */
    Optional<TableState> again(TableState state, PostgresTable table, List<String> readers, @Nullable String request) {
        if (!TableKeys.of(table.row()).equals(state.key())) {
            return Optional.empty();
        }
        Loading before = state.loading();
        List<Loading.Chunk> open = before == null ? List.of() : before.unsettled();
        return Optional.of(new TableState(
                state.table(),
                epoch,
                table.oid(),
                state.key(),
                // Those who had every row lose none while it is read again.
                state.services(),
                state.former(),
                state.rows(),
                null,
                load(table, readers, true).withUnsettled(open),
                null,
                request));
    }

    private Loading load(PostgresTable table, List<String> services, boolean sweep) {
        return Loading.begun(ids.get(), services, sweep, isKeyed(table), table.estimatedRows());
    }

    /** Whether it can be read in ranges of its key. */
    static boolean isKeyed(PostgresTable table) {
        return !table.wholeRowKey();
    }

    private TableState.Halted replaced(TableId id, String problem) {
        return new TableState.Halted(
                "TABLE_REPLACED",
                problem,
                "Take it out of the pipeline file, or read it again with " + backfillCommand(id) + ".",
                boundary);
    }

    static String backfillCommand(TableId id) {
        return Remedies.backfill(id);
    }
}

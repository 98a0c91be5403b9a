package io.sluice.source.mongo;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TableId;
import io.sluice.source.engine.SourceProgress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a source is, read from what is stored of it alone. */
final class StoredCollections {

    private StoredCollections() {}

    static SourceProgress progress(MongoState state, Collection<TableId> tables) {
        MongoFacts facts = state.facts();
        MongoOffset offset = state.offset();
        List<SourceProgress.Table> found = new ArrayList<>();
        for (TableId table : tables) {
            found.add(table(table, state.collections().get(table)));
        }
        long time = offset == null ? 0 : offset.time();
        return new SourceProgress(facts == null ? 0 : facts.epoch(), time, ClusterTime.micros(time), null, found);
    }

    private static SourceProgress.Table table(TableId table, @Nullable CollectionState state) {
        if (state == null) {
            return new SourceProgress.Table(table, SourceProgress.State.WAITING, 0, -1, 0, 0, null);
        }
        CollectionState.Halted halted = state.halted();
        CollectionState.Load loading = state.loading();
        HaltException halt = halted == null ? null : halted.cause(table);
        return new SourceProgress.Table(
                table,
                halt != null
                        ? SourceProgress.State.HALTED
                        : loading != null
                                ? SourceProgress.State.LOADING
                                : state.services().isEmpty()
                                        ? SourceProgress.State.WAITING
                                        : SourceProgress.State.STREAMING,
                loading == null ? state.rows() : loading.rows(),
                -1,
                0,
                0,
                halt);
    }
}

package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.position.SourceFacts;
import io.sluice.source.position.SourceState;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.position.TableState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a source is, read from what is stored of it alone. What only its process knows, its rates, is left out. */
final class StoredProgress {

    private StoredProgress() {}

    static SourceProgress of(SourceState state, Collection<TableId> tables) {
        SourceFacts facts = state.facts();
        StoredOffset offset = state.offset();
        List<SourceProgress.Table> found = new ArrayList<>();
        for (TableId table : tables) {
            found.add(table(table, state.tables().get(table)));
        }
        return new SourceProgress(
                facts == null ? 0 : facts.epoch(),
                offset == null ? 0 : offset.lsn(),
                offset == null ? 0 : offset.committedAtMicros(),
                null,
                found);
    }

    private static SourceProgress.Table table(TableId table, @Nullable TableState state) {
        if (state == null) {
            return new SourceProgress.Table(table, SourceProgress.State.WAITING, 0, -1, 0, 0, null);
        }
        TableState.Halted halted = state.halted();
        Loading loading = state.loading();
        SluiceException halt = halted == null
                ? null
                : new HaltException(halted.code(), halted.problem(), "table " + table, halted.remedy());
        return new SourceProgress.Table(
                table,
                halted != null
                        ? SourceProgress.State.HALTED
                        : loading != null
                                ? SourceProgress.State.LOADING
                                : state.isComplete() ? SourceProgress.State.STREAMING : SourceProgress.State.WAITING,
                loading == null ? state.rows() : loading.rows(),
                loading == null ? state.rows() : loading.estimate(),
                0,
                0,
                halt);
    }
}

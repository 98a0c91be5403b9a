package io.sluice.source.position;

import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.TableId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is stored of one source, at one moment.
 *
 * @param owner the instance that wrote last; null on a topic that nobody has written to
 * @param chunks the keys of ranges, for as long as nothing else was written to their slots
 */
public record SourceState(
        @Nullable String owner,
        @Nullable SourceFacts facts,
        @Nullable StoredOffset offset,
        Map<TableId, TableState> tables,
        Map<Slot, StoredKeys> chunks) {

    public SourceState {
        tables = Map.copyOf(tables);
        chunks = Map.copyOf(chunks);
    }

    /** A place for the keys of one range. */
    public record Slot(TableId table, int slot) {}

    /**
     * The keys of a range.
     *
     * @param until tells which range
     */
    public record StoredKeys(long until, Bytes keys) {}
}

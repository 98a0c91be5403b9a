package io.sluice.control.reconcile;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.transform.mapping.CompiledMapping;
import io.sluice.transform.mapping.MappingResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What target rows the source's rows become: asked of the very mapping that the transform runs. Pure. */
final class Expectation {

    private static final Provenance NOWHERE = new Provenance(new Position(1, 0, 0), 0, null, Provenance.Kind.SNAPSHOT);

    private final CompiledMapping mapping;
    private final RowMatch match;
    private final RowSchema keySchema;

    Expectation(CompiledMapping mapping, RowSchema source, RowMatch match) {
        this.mapping = mapping;
        this.match = match;
        this.keySchema = source.keySchema();
    }

    /** A target row that there should be. */
    record Wanted(RowKey key, Key named, Row row) {}

    /**
     * What one source row becomes.
     *
     * @param rejected whether nobody knows
     * @param held the keys that are concerned then, as far as they can be told
     */
    record Rows(List<Wanted> wanted, boolean rejected, List<RowKey> held) {}

    Rows of(Row row) {
        Key key = row.key(keySchema);
        MappingResult result = mapping.apply(new Change.Upserted(mapping.source(), key, row, null, NOWHERE));
        if (result instanceof MappingResult.Rejected) {
            return new Rows(List.of(), true, held(key, row));
        }
        List<Wanted> wanted = new ArrayList<>();
        for (RowChange change : changes(result)) {
            if (change instanceof RowChange.Upsert upsert) {
                wanted.add(new Wanted(match.key(upsert.key()), upsert.key(), upsert.row()));
            }
        }
        return new Rows(wanted, false, List.of());
    }

    /** The target rows of a source row of which only the key is known, as far as that tells them. */
    List<RowKey> concernedBy(Key key) {
        return held(key, null);
    }

    private List<RowKey> held(Key key, @Nullable Row row) {
        List<RowKey> held = new ArrayList<>();
        MappingResult gone = mapping.apply(new Change.Deleted(mapping.source(), key, row, NOWHERE));
        if (!(gone instanceof MappingResult.Rejected)) {
            changes(gone).forEach(change -> held.add(match.key(change.key())));
        }
        return held;
    }

    private static List<? extends RowChange> changes(MappingResult result) {
        if (result instanceof MappingResult.Mapped mapped) {
            return mapped.changes();
        }
        return result instanceof MappingResult.Children children ? children.rows() : List.of();
    }
}

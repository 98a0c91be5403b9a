package io.sluice.transform.topology;

import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.RowChange;
import io.sluice.transform.mapping.MappingResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Source rows that a change takes apart: their rows are written, and those that they once became and have no more are deleted.
 * What they became is remembered only when all that becomes of the change is known: one that is rejected for one target table
 * leaves no trace for another.
 *
 * <p>Deletions come last. They depend on what is remembered, which differs where a change is read again; the other rows keep their
 * places among what the change became, by which a sink knows what it has applied.
 *
 * <p>Every row is written each time, also one that is as it was: a load that sweeps must meet all of them.
 */
final class SplitRows {

    private final @Nullable String storeName;
    private final List<Parent> parents = new ArrayList<>();
    private @Nullable ChildStore store;

    private record Parent(Bytes place, RowOutput output, List<byte[]> keys, Provenance provenance) {}

    /** @param storeName null where the service splits nothing */
    SplitRows(@Nullable String storeName) {
        this.storeName = storeName;
    }

    /** Before the first change; the state is restored by then. */
    void open(ProcessorContext<RoutedKey, byte @Nullable []> context) {
        if (storeName != null) {
            store = new ChildStore(context.getStateStore(storeName));
        }
    }

    /** A new change; what another one left unfinished is forgotten. */
    void begin() {
        parents.clear();
    }

    /** Appends the rows that the source row now has. */
    void add(
            ChangeInput.Route route,
            @Nullable Bytes sourceKey,
            MappingResult.Children children,
            Place origin,
            long timestampMillis,
            List<Record<RoutedKey, byte @Nullable []>> out) {
        if (sourceKey == null) {
            throw new IllegalStateException("only a change of a row with a key can be split");
        }
        List<byte[]> keys = new ArrayList<>(children.rows().size());
        for (RowChange.Upsert row : children.rows()) {
            Record<RoutedKey, byte @Nullable []> made =
                    route.output().record(row, origin.origin(out.size()), timestampMillis);
            keys.add(Objects.requireNonNull(made.key().wire()));
            out.add(made);
        }
        parents.add(new Parent(ChildStore.place(route.name(), sourceKey), route.output(), keys, children.provenance()));
    }

    /** Remembers what the change became, and appends the deletions of rows that are there no more. */
    void finish(Place origin, long timestampMillis, List<Record<RoutedKey, byte @Nullable []>> out) {
        for (Parent parent : parents) {
            ChildStore kept = store;
            if (kept == null) {
                throw new IllegalStateException("a split without a store");
            }
            for (byte[] key : kept.replace(parent.place(), parent.keys())) {
                out.add(parent.output().deletion(key, parent.provenance(), origin.origin(out.size()), timestampMillis));
            }
        }
        parents.clear();
    }
}

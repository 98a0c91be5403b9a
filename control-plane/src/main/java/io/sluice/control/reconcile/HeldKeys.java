package io.sluice.control.reconcile;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.TableId;
import java.util.Map;
import java.util.Set;

/** Tells the keys of one target table whose changes lie aside: parked at a dead letter, or waiting for another row. */
public interface HeldKeys {

    /** All that are held now. */
    Held read() throws InterruptedException;

    /**
     * Held keys.
     *
     * @param sources by the source table, keys whose changes the transform holds
     * @param targets keys whose rows the sink holds
     */
    record Held(Map<TableId, Set<Key>> sources, Set<Key> targets) {

        public static final Held NONE = new Held(Map.of(), Set.of());

        public Held {
            sources = Map.copyOf(sources);
            targets = Set.copyOf(targets);
        }
    }
}

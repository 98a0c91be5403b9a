package io.sluice.control.reconcile;

import io.sluice.schemas.model.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A target row that may differ, and how both sides find it.
 *
 * @param types of the values of its key, which is in the types of the side that it was found on
 * @param key its key at the target
 * @param from the source table whose row asks for it; null where it was found at the target
 * @param sourceKey that row's key
 */
record Suspect(
        Suspicion suspicion,
        List<Column> types,
        List<@Nullable Object> key,
        @Nullable SourceSide from,
        @Nullable List<@Nullable Object> sourceKey) {

    RowKey row() {
        return suspicion.key();
    }
}

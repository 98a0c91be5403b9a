package io.sluice.schemas.mapper;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes what becomes of one change. Values are in the carriers that {@link io.sluice.schemas.model.LogicalType} names. */
public interface RowChanges {

    /** This row is to be there. A column that is left out is null. */
    void upsert(Map<String, ? extends @Nullable Object> row);

    /** The row with this key is to be gone. */
    void delete(Map<String, ? extends @Nullable Object> key);

    /**
     * The change can't be mapped: nothing of it is written.
     *
     * @param reason what is wrong, without any value of the row, for it is logged
     */
    void reject(String reason);
}

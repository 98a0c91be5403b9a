package io.sluice.transform.mapping;

import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import java.util.Objects;

/**
 * A source table, as far as a mapping depends on it.
 *
 * @param wholeBefore whether every update and delete comes with the whole row as it was (PostgreSQL: REPLICA IDENTITY FULL)
 */
public record SourceTable(TableId id, RowSchema row, boolean wholeBefore) {

    public SourceTable {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(row, "row");
    }
}

package io.sluice.transform.mapping;

import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import java.util.Objects;

/**
 * A source table, as far as a mapping depends on it.
 *
 * @param wholeBefore whether every update and delete comes with the whole row as it was (PostgreSQL: REPLICA IDENTITY FULL)
 */
public record SourceTable(TableId id, RowSchema row, boolean wholeBefore) {

    /** The column of a collection's rows that holds the document's id. */
    static final String ID = "_id";

    public SourceTable {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(row, "row");
    }

    /** Whether its rows are documents of MongoDB, whose fields no catalog knows. */
    boolean isCollection() {
        return documentColumn() >= 0;
    }

    /** The place of the column that holds the whole document, or -1. */
    int documentColumn() {
        for (int i = 0; i < row.size(); i++) {
            if (row.column(i).type() == Simple.DOCUMENT) {
                return i;
            }
        }
        return -1;
    }
}

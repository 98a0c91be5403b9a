package io.sluice.transform.mapping;

import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import java.util.Objects;
import java.util.Set;

/**
 * A source table, as far as a mapping depends on it.
 *
 * @param wholeBefore whether every update and delete comes with the whole row as it was (PostgreSQL: REPLICA IDENTITY FULL)
 * @param appeared those of its columns that came after the mapping was begun
 */
public record SourceTable(TableId id, RowSchema row, boolean wholeBefore, Set<String> appeared) {

    /** The column of a collection's rows that holds the document's id. */
    static final String ID = "_id";

    public SourceTable {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(row, "row");
        appeared = Set.copyOf(appeared);
    }

    /** With columns that are all known. */
    public SourceTable(TableId id, RowSchema row, boolean wholeBefore) {
        this(id, row, wholeBefore, Set.of());
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

package io.sluice.sink.sql;

import io.sluice.schemas.model.TargetTable;
import java.sql.SQLException;

/** A row of the target is not to be overwritten by what came before a person has decided on it. */
public final class ConflictException extends SQLException {

    private static final long serialVersionUID = 1L;

    private ConflictException(String problem) {
        super(problem, SqlErrors.CONFLICT);
    }

    /** @param by the column that tells it */
    public static ConflictException newer(String by) {
        return new ConflictException("the target's row is newer, by " + by);
    }

    static ConflictException gone(TargetTable table) {
        return new ConflictException(
                "the row is gone from " + table + ", and the change tells only some of its columns");
    }
}

package io.sluice.sink.sql;

import java.sql.SQLException;

/** What the target would say of a row, as a look at the tables has shown. */
public final class ForeseenException extends SQLException {

    private static final long serialVersionUID = 1L;

    private final String schema;
    private final String table;
    private final String constraint;

    /** @param schema of the constraint, which is that of its table */
    ForeseenException(String problem, String state, String schema, String table, String constraint) {
        super(problem, state);
        this.schema = schema;
        this.table = table;
        this.constraint = constraint;
    }

    String schema() {
        return schema;
    }

    String table() {
        return table;
    }

    String constraint() {
        return constraint;
    }
}

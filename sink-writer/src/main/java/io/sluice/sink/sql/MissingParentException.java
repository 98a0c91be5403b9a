package io.sluice.sink.sql;

import java.sql.SQLException;

/** A row refers to one that is not there, as a look at the tables has shown. It says what the target would. */
public final class MissingParentException extends SQLException {

    private static final long serialVersionUID = 1L;

    private final String table;
    private final String constraint;

    MissingParentException(String table, String constraint) {
        super("a row that is referred to is not there", SqlErrors.FOREIGN_KEY);
        this.table = table;
        this.constraint = constraint;
    }

    String table() {
        return table;
    }

    String constraint() {
        return constraint;
    }
}

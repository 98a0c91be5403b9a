package io.sluice.schemas.model;

import java.util.Objects;

/**
 * One column of a row.
 *
 * @param declared the type as the database declares it, {@code character varying(20)} say; what a new table is made with
 */
public record Column(String name, LogicalType type, String declared, boolean nullable) {

    public Column {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(declared, "declared");
    }

    public Column renamed(String newName) {
        return new Column(newName, type, declared, nullable);
    }
}

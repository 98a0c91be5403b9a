package io.sluice.schemas.model;

import java.util.Objects;

/** One table or collection of one source. For MongoDB the schema is the database. */
public record TableId(String source, String schema, String table) {

    public TableId {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(table, "table");
    }

    @Override
    public String toString() {
        return source + "." + schema + "." + table;
    }
}

package io.sluice.schemas.model;

import java.util.Objects;

/** One table of a service's target database. */
public record TargetTable(String schema, String table) {

    public static final String DEFAULT_SCHEMA = "public";

    public TargetTable {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(table, "table");
    }

    public static TargetTable inDefaultSchema(String table) {
        return new TargetTable(DEFAULT_SCHEMA, table);
    }

    /** As a pipeline file writes it: without the schema where that is the default one. */
    @Override
    public String toString() {
        return schema.equals(DEFAULT_SCHEMA) ? table : schema + "." + table;
    }
}

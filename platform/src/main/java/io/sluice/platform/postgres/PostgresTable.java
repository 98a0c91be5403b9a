package io.sluice.platform.postgres;

import io.sluice.schemas.model.RowSchema;
import java.util.List;

/**
 * A table as the catalog describes it.
 *
 * @param row its columns without generated ones, and the key by which the log identifies a row; no key where the log gives none
 * @param wholeRowKey whether that key is every column, because nothing smaller identifies a row
 * @param estimatedRows as the last ANALYZE had it; -1 where there was none
 * @param unsupported what its log or text can't carry, for a person; empty if it can be captured
 */
public record PostgresTable(
        long oid,
        String schema,
        String name,
        Kind kind,
        RowSchema row,
        ReplicaIdentity identity,
        boolean wholeRowKey,
        long estimatedRows,
        boolean rowSecurity,
        List<String> unsupported) {

    public PostgresTable {
        unsupported = List.copyOf(unsupported);
    }

    public String qualifiedName() {
        return Identifiers.qualified(schema, name);
    }

    /** {@code schema.table}, for messages. */
    public String displayName() {
        return schema + "." + name;
    }

    /** What sort of relation. */
    public enum Kind {
        TABLE,
        PARTITIONED,
        /** Something that the log does not carry: a view, a foreign, temporary or unlogged table. */
        OTHER
    }
}

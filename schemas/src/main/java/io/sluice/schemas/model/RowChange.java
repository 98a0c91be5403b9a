package io.sluice.schemas.model;

/** What one target row is to become. */
public sealed interface RowChange {

    TargetTable table();

    Key key();

    Provenance provenance();

    /** The row is to be this; values that are {@link Unchanged} stay as they are. */
    record Upsert(TargetTable table, Key key, Row row, Provenance provenance) implements RowChange {}

    /** The row is to be gone. */
    record Delete(TargetTable table, Key key, Provenance provenance) implements RowChange {}
}

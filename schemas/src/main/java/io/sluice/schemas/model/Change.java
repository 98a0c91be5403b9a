package io.sluice.schemas.model;

import org.jspecify.annotations.Nullable;

/** One change of one source table, as the source saw it. A changed key is a {@link Deleted} and an {@link Upserted}. */
public sealed interface Change {

    TableId table();

    Provenance provenance();

    /**
     * A row came to be, or is now this.
     *
     * @param before the whole row as it was, where the source tells it
     */
    record Upserted(TableId table, Key key, Row after, @Nullable Row before, Provenance provenance) implements Change {}

    /** A row is gone. */
    record Deleted(TableId table, Key key, @Nullable Row before, Provenance provenance) implements Change {}

    /** All rows are gone. */
    record Truncated(TableId table, Provenance provenance) implements Change {}
}

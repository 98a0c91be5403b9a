package io.sluice.source.engine;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.RowSchema;
import java.util.List;

/** A table's key as it is stored: each column's name and what its values are, so that a change of either is seen. */
final class TableKeys {

    private static final char SEPARATOR = '\t';

    private TableKeys() {}

    static List<String> of(RowSchema row) {
        return row.keySchema().columns().stream()
                .map(column -> column.name() + SEPARATOR + kind(column))
                .toList();
    }

    /** More digits make no other value. */
    private static String kind(Column column) {
        return column.type() instanceof LogicalType.Numeric
                ? "numeric"
                : column.type().toString();
    }

    static String name(String stored) {
        return stored.substring(0, stored.lastIndexOf(SEPARATOR));
    }
}

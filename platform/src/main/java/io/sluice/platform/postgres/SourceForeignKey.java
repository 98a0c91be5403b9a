package io.sluice.platform.postgres;

import java.util.List;

/**
 * A foreign key of a table.
 *
 * @param columns of the table, each referring to the one of {@code parentColumns} at its place
 * @param actions what follows the columns in its definition: ON DELETE …; may be empty
 */
public record SourceForeignKey(
        String name,
        List<String> columns,
        String parentSchema,
        String parentTable,
        List<String> parentColumns,
        String actions) {

    public SourceForeignKey {
        columns = List.copyOf(columns);
        parentColumns = List.copyOf(parentColumns);
    }
}

package io.sluice.schemas.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** The columns of a table in their order, and which of them, in their own order, make its key. Shared by all its rows. */
public final class RowSchema {

    private final String name;
    private final List<Column> columns;
    private final List<String> keyColumns;
    private final int[] keyIndexes;
    private final Map<String, Integer> indexes;

    /**
     * @param name the table's name, for messages and record names
     * @param keyColumns empty for a table without a key
     * @throws IllegalArgumentException if a column repeats or the key names a column that is not there
     */
    public RowSchema(String name, List<Column> columns, List<String> keyColumns) {
        this.name = name;
        this.columns = List.copyOf(columns);
        this.keyColumns = List.copyOf(keyColumns);
        this.indexes = new HashMap<>();
        for (Column column : this.columns) {
            if (indexes.put(column.name(), indexes.size()) != null) {
                throw new IllegalArgumentException("column " + column.name() + " stands twice in " + name);
            }
        }
        this.keyIndexes = new int[this.keyColumns.size()];
        for (int i = 0; i < keyIndexes.length; i++) {
            keyIndexes[i] = indexOf(this.keyColumns.get(i));
            if (keyIndexes[i] < 0) {
                throw new IllegalArgumentException("key column " + this.keyColumns.get(i) + " is no column of " + name);
            }
        }
        if (new HashSet<>(this.keyColumns).size() != keyIndexes.length) {
            throw new IllegalArgumentException("a key column stands twice in " + name);
        }
    }

    public String name() {
        return name;
    }

    public List<Column> columns() {
        return columns;
    }

    public List<String> keyColumns() {
        return keyColumns;
    }

    public int size() {
        return columns.size();
    }

    public Column column(int index) {
        return columns.get(index);
    }

    /** The column's place, or -1. */
    public int indexOf(String column) {
        return indexes.getOrDefault(column, -1);
    }

    public boolean hasKey() {
        return keyIndexes.length > 0;
    }

    public boolean isKey(int index) {
        for (int keyIndex : keyIndexes) {
            if (keyIndex == index) {
                return true;
            }
        }
        return false;
    }

    /** The schema of {@link Key}s of this table: its key columns alone, in the key's order. */
    public RowSchema keySchema() {
        List<Column> keys = new ArrayList<>(keyIndexes.length);
        for (int keyIndex : keyIndexes) {
            keys.add(columns.get(keyIndex));
        }
        return new RowSchema(name, keys, keyColumns);
    }

    int keyIndex(int place) {
        return keyIndexes[place];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RowSchema schema
                && name.equals(schema.name)
                && columns.equals(schema.columns)
                && keyColumns.equals(schema.keyColumns);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + columns.hashCode();
    }

    @Override
    public String toString() {
        return name + columns + " key " + keyColumns;
    }
}

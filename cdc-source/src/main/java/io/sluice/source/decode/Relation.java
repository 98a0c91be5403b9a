package io.sluice.source.decode;

import java.util.ArrayList;
import java.util.List;

/**
 * A table as the log describes it, at that place of the log.
 *
 * @param identity what the log says of old rows: d, i, f or n, as in {@code pg_class.relreplident}
 */
public record Relation(int oid, String schema, String name, char identity, List<RelationColumn> columns) {

    public Relation {
        columns = List.copyOf(columns);
    }

    /** @param identifies whether old rows are named by it */
    public record RelationColumn(String name, long type, int modifier, boolean identifies) {}

    static Relation read(LogCursor in) {
        int oid = in.readInt();
        String schema = in.readText();
        String name = in.readText();
        char identity = (char) in.readByte();
        int count = in.readShort();
        List<RelationColumn> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean identifies = (in.readByte() & 1) != 0;
            columns.add(
                    new RelationColumn(in.readText(), Integer.toUnsignedLong(in.readInt()), in.readInt(), identifies));
        }
        return new Relation(oid, schema, name, identity, columns);
    }
}

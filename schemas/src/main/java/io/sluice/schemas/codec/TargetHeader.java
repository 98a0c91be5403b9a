package io.sluice.schemas.codec;

import io.sluice.schemas.model.TargetTable;

/** Names the target table of a record, in a topic that holds the rows of several. */
public final class TargetHeader {

    public static final String NAME = "sluice.target";

    private TargetHeader() {}

    /** Schema and table, spelt as in Avro and separated by a dot. */
    public static byte[] of(TargetTable table) {
        return HeaderText.ascii(AvroNames.name(table.schema()) + "." + AvroNames.name(table.table()));
    }

    public static TargetTable read(byte[] header) throws MalformedRecordException {
        String[] names = HeaderText.text(header).split("\\.", -1);
        if (names.length != 2) {
            throw new MalformedRecordException("its target table is misspelt");
        }
        try {
            return new TargetTable(AvroNames.identifier(names[0]), AvroNames.identifier(names[1]));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("its target table is misspelt");
        }
    }
}

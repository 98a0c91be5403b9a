package io.sluice.schemas.codec;

import io.sluice.schemas.model.TableId;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Names the source table that a record is about, where the topic alone does not tell. */
public final class SourceHeader {

    public static final String NAME = "sluice.table";

    private SourceHeader() {}

    /** Source, schema and table, spelt as in Avro and separated by dots. */
    public static byte[] of(TableId table) {
        return HeaderText.ascii(AvroNames.name(table.source()) + "." + AvroNames.name(table.schema()) + "."
                + AvroNames.name(table.table()));
    }

    /**
     * The table that these headers name; null if they name none.
     *
     * @param headers the last value of the header with that name, or null
     */
    public static @Nullable TableId read(Function<String, byte @Nullable []> headers) throws MalformedRecordException {
        byte[] table = headers.apply(NAME);
        return table == null ? null : read(HeaderText.text(table));
    }

    static TableId read(String text) throws MalformedRecordException {
        String[] spelt = text.split("\\.", -1);
        if (spelt.length != 3) {
            throw new MalformedRecordException("its table is misspelt");
        }
        try {
            String[] names = Arrays.stream(spelt).map(AvroNames::identifier).toArray(String[]::new);
            return new TableId(names[0], names[1], names[2]);
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("its table is misspelt");
        }
    }
}

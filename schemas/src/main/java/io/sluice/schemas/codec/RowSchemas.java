package io.sluice.schemas.codec;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * A table's columns as an Avro record, and back.
 *
 * <p>Columns outside the key are nullable with default null in Avro even where the database forbids null: so a column may
 * come and go compatibly, and a value that the log left out has a place. What the database says stands in attributes.
 */
public final class RowSchemas {

    private static final String TABLE = "sluice.table";
    private static final String KEY = "sluice.key";
    private static final String DECLARED = "sluice.declared";
    private static final String NULLABLE = "sluice.nullable";

    private RowSchemas() {}

    /** The record of whole rows. */
    public static Schema record(RowSchema row, String namespace) {
        return record(row, AvroNames.name(row.name()), namespace, false);
    }

    /** The record of keys: every part is required, unless a table without a primary key has one that may be null. */
    public static Schema keyRecord(RowSchema key, String namespace) {
        return record(key, AvroNames.name(key.name()) + "_key", namespace, true);
    }

    private static Schema record(RowSchema row, String name, String namespace, boolean isKey) {
        List<Schema.Field> fields = new ArrayList<>(row.size());
        for (int i = 0; i < row.size(); i++) {
            Column column = row.column(i);
            Schema type = AvroTypes.toAvro(column.type());
            boolean required = (isKey || row.isKey(i)) && !column.nullable();
            String field = AvroNames.name(column.name());
            Schema.Field made = required
                    ? new Schema.Field(field, type)
                    : new Schema.Field(field, AvroTypes.nullable(type), null, Schema.Field.NULL_DEFAULT_VALUE);
            made.addProp(DECLARED, column.declared());
            made.addProp(NULLABLE, column.nullable());
            fields.add(made);
        }
        Schema record = Schema.createRecord(name, null, namespace, false, fields);
        record.addProp(TABLE, row.name());
        record.addProp(KEY, row.keyColumns());
        return record;
    }

    /** The columns that such a record stands for. */
    public static RowSchema rowSchema(Schema record) throws MalformedRecordException {
        if (record.getType() != Schema.Type.RECORD
                || record.getProp(TABLE) == null
                || !(record.getObjectProp(KEY) instanceof List<?> keys)) {
            throw new MalformedRecordException("its schema is not one of a table's rows");
        }
        List<Column> columns = new ArrayList<>(record.getFields().size());
        for (Schema.Field field : record.getFields()) {
            String declared = field.getProp(DECLARED);
            if (declared == null) {
                throw new MalformedRecordException(
                        "its schema does not say how column " + field.name() + " is declared");
            }
            columns.add(new Column(
                    AvroNames.identifier(field.name()),
                    AvroTypes.fromAvro(AvroTypes.unwrapped(field.schema())),
                    declared,
                    !Boolean.FALSE.equals(field.getObjectProp(NULLABLE))));
        }
        try {
            return new RowSchema(
                    record.getProp(TABLE),
                    columns,
                    keys.stream().map(String::valueOf).toList());
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("its schema contradicts itself: " + e.getMessage());
        }
    }
}

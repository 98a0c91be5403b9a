package io.sluice.schemas.codec;

import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** The Avro record of a change: what happened, the row before and after, and where in the source it stands. */
public final class ChangeSchemas {

    static final String OP = "op";
    static final String BEFORE = "before";
    static final String AFTER = "after";
    static final String UNCHANGED = "unchanged";
    static final String SOURCE = "source";
    private static final String SOURCE_NAME = "sluice.source";
    private static final String SCHEMA_NAME = "sluice.schema";
    private static final String WHOLE_BEFORE = "sluice.whole-before";
    private static final List<String> FIELDS = List.of(OP, BEFORE, AFTER, UNCHANGED, SOURCE);

    private ChangeSchemas() {}

    /** The namespace of a source table's records: no two schemas share one, for their tables may share a topic. */
    public static String namespace(TableId table) {
        return AvroNames.namespace("sluice", table.source()) + "." + AvroNames.name(table.schema());
    }

    /** The record of a source table's keys. */
    public static Schema key(TableId table, RowSchema row) {
        return RowSchemas.keyRecord(row.keySchema(), namespace(table));
    }

    /** The record of a source table's changes; an update or delete may come without the row before. */
    public static Schema value(TableId table, RowSchema row) {
        return value(table, row, false);
    }

    /**
     * The record of a source table's changes.
     *
     * @param wholeBefore whether every update and delete carries the whole row before: an upsert without one is then an insert
     */
    public static Schema value(TableId table, RowSchema row, boolean wholeBefore) {
        String namespace = namespace(table);
        Schema rowRecord = RowSchemas.record(row, namespace);
        Schema rowOrNull = AvroTypes.nullable(rowRecord);
        Schema change = Schema.createRecord(AvroNames.name(row.name()) + "_change", null, namespace, false);
        change.setFields(List.of(
                new Schema.Field(OP, Schema.create(Schema.Type.STRING), "upsert, delete or truncate", null),
                new Schema.Field(
                        BEFORE,
                        rowOrNull,
                        "the whole row as it was, where the source tells it",
                        Schema.Field.NULL_DEFAULT_VALUE),
                new Schema.Field(
                        AFTER,
                        rowOrNull,
                        "the row as it is now; null when it is gone",
                        Schema.Field.NULL_DEFAULT_VALUE),
                new Schema.Field(
                        UNCHANGED,
                        Schema.createArray(Schema.create(Schema.Type.STRING)),
                        "columns of after whose value did not change and was left out: null there means unknown",
                        List.of()),
                new Schema.Field(SOURCE, source(), "where the change stands in its source", null)));
        change.addProp(SOURCE_NAME, table.source());
        change.addProp(SCHEMA_NAME, table.schema());
        if (wholeBefore) {
            change.addProp(WHOLE_BEFORE, true);
        }
        return change;
    }

    private static Schema source() {
        Schema source = Schema.createRecord("change_source", null, "sluice", false);
        Schema micros = LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
        source.setFields(List.of(
                new Schema.Field("epoch", Schema.create(Schema.Type.INT), "counts the source's fresh starts", null),
                new Schema.Field("boundary", Schema.create(Schema.Type.LONG), "end of the transaction before", null),
                new Schema.Field("order", Schema.create(Schema.Type.LONG), "place after that boundary", null),
                new Schema.Field("committed_at", micros, "commit time by the source's clock", null),
                new Schema.Field(
                        "transaction",
                        AvroTypes.nullable(Schema.create(Schema.Type.STRING)),
                        "the source's name for the transaction; null in a snapshot",
                        Schema.Field.NULL_DEFAULT_VALUE),
                new Schema.Field("snapshot", Schema.create(Schema.Type.BOOLEAN), "read by a snapshot", null)));
        return source;
    }

    static Schema rowRecord(Schema change) throws MalformedRecordException {
        if (change.getType() != Schema.Type.RECORD
                || !change.getFields().stream().map(Schema.Field::name).toList().equals(FIELDS)) {
            throw new MalformedRecordException("its schema is not one of a table's changes");
        }
        return AvroTypes.unwrapped(change.getField(AFTER).schema());
    }

    static boolean wholeBefore(Schema change) {
        return Boolean.TRUE.equals(change.getObjectProp(WHOLE_BEFORE));
    }

    static TableId table(Schema change, RowSchema row) throws MalformedRecordException {
        String source = change.getProp(SOURCE_NAME);
        String schema = change.getProp(SCHEMA_NAME);
        if (source == null || schema == null) {
            throw new MalformedRecordException("its schema does not say which table it is of");
        }
        return new TableId(source, schema, row.name());
    }
}

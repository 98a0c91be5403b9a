package io.sluice.schemas.codec;

/** The Confluent wire format: a zero byte, the schema id (big-endian), the Avro binary. */
public final class Wire {

    static final int PREFIX_BYTES = 5;

    private Wire() {}

    static void writePrefix(byte[] buffer, int schemaId) {
        buffer[0] = 0;
        buffer[1] = (byte) (schemaId >>> 24);
        buffer[2] = (byte) (schemaId >>> 16);
        buffer[3] = (byte) (schemaId >>> 8);
        buffer[4] = (byte) schemaId;
    }

    /** The id of the schema that this record was written with. */
    public static int schemaId(byte[] record) throws MalformedRecordException {
        if (record.length < PREFIX_BYTES || record[0] != 0) {
            throw new MalformedRecordException("it does not begin with the wire format's zero byte and schema id");
        }
        return (record[1] & 0xff) << 24 | (record[2] & 0xff) << 16 | (record[3] & 0xff) << 8 | (record[4] & 0xff);
    }
}

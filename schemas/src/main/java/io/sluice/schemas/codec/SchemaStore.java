package io.sluice.schemas.codec;

import org.apache.avro.Schema;

/** Where writer schemas are kept, by the ids that stand in front of each encoded record. Safe for use by several threads. */
public interface SchemaStore {

    /** The id of this schema under this subject, registered if it is new; idempotent and cached. */
    int register(String subject, Schema schema);

    /**
     * The schema with this id; cached.
     *
     * @throws UnknownSchemaException if the store is sure that there is none: the record can't be read, now or later
     */
    Schema byId(int id) throws UnknownSchemaException;
}

package io.sluice.sink;

import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.UnknownSchemaException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** Schemas in memory; the same registrations in the same order give the same ids, in another process too. */
public final class TestSchemas implements SchemaStore {

    private final List<Schema> schemas = new ArrayList<>();

    @Override
    public synchronized int register(String subject, Schema schema) {
        int known = schemas.indexOf(schema);
        if (known < 0) {
            schemas.add(new Schema.Parser().parse(schema.toString()));
            return schemas.size();
        }
        return known + 1;
    }

    @Override
    public synchronized Schema byId(int id) throws UnknownSchemaException {
        if (id < 1 || id > schemas.size()) {
            throw new UnknownSchemaException(id);
        }
        return schemas.get(id - 1);
    }
}

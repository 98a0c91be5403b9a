package io.sluice.schemas.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/** A schema store that lives and dies with its object: for previews and tests. Every schema is compatible with it. */
public final class InMemorySchemaStore implements SchemaStore {

    private static final int FIRST_ID = 1;

    private final List<Schema> schemas = new ArrayList<>();
    /** By the text: Avro's own equality looks away from some attributes, which a registry does not. */
    private final Map<String, Integer> ids = new HashMap<>();

    @Override
    public synchronized int register(String subject, Schema schema) {
        return ids.computeIfAbsent(schema.toString(), text -> {
            schemas.add(schema);
            return FIRST_ID + schemas.size() - 1;
        });
    }

    @Override
    public synchronized Schema byId(int id) throws UnknownSchemaException {
        if (id < FIRST_ID || id >= FIRST_ID + schemas.size()) {
            throw new UnknownSchemaException(id);
        }
        return schemas.get(id - FIRST_ID);
    }
}

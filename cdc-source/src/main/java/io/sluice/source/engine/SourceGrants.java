package io.sluice.source.engine;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The rights that a source's user needs at run time, and no more: to replicate, and to read its tables. With the publications made
 * for it, it need not own them.
 */
public final class SourceGrants {

    private SourceGrants() {}

    /** As statements for an administrator of the source; connects to nothing. */
    public static List<String> of(Pipeline pipeline, SourceSpec source) {
        PostgresConnector connector = PostgresConnector.of(source.connection(), "sluice");
        String user = Identifiers.quoted(connector.role());
        SourceTables tables = new SourceTables(pipeline, source);
        List<String> grants = new ArrayList<>();
        grants.add("ALTER ROLE " + user + " REPLICATION");
        grants.add("GRANT CONNECT ON DATABASE " + Identifiers.quoted(connector.database()) + " TO " + user);
        new TreeSet<>(tables.all().stream().map(TableId::schema).toList())
                .forEach(schema -> grants.add("GRANT USAGE ON SCHEMA " + Identifiers.quoted(schema) + " TO " + user));
        tables.all()
                .forEach(table -> grants.add(
                        "GRANT SELECT ON " + Identifiers.qualified(table.schema(), table.table()) + " TO " + user));
        tables.publications().forEach((name, published) -> grants.add(Publications.creation(name, published)));
        return grants;
    }
}

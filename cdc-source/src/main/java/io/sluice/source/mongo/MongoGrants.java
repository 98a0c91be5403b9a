package io.sluice.source.mongo;

import io.sluice.platform.mongo.MongoConnector;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The rights that a source's user needs at run time, and no more: to read its databases, and their changes with them. */
public final class MongoGrants {

    private MongoGrants() {}

    /** As a command for an administrator of the deployment; connects to nothing. */
    public static List<String> of(Pipeline pipeline, SourceSpec source) {
        MongoConnector connector = MongoConnector.of(source.connection(), "sluice");
        TreeSet<String> databases = new TreeSet<>(
                pipeline.tablesOf(source.name()).stream().map(TableId::schema).toList());
        return List.of("db.getSiblingDB(\"admin\").grantRolesToUser(\"" + connector.user() + "\", ["
                + (databases.size() > 1
                        ? MongoCheck.role("*")
                        : databases.stream().map(MongoCheck::role).collect(Collectors.joining()))
                + "])");
    }
}

package io.sluice.app.wiring;

import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.sink.TargetGrants;
import io.sluice.source.engine.SourceGrants;
import io.sluice.source.mongo.MongoGrants;
import java.util.ArrayList;
import java.util.List;

/**
 * The rights that the users of a pipeline need while it runs.
 *
 * @param place whose they are
 * @param address where an administrator runs the statements
 * @param before what that takes
 */
public record Grants(String place, String address, String before, List<String> statements) {

    public Grants {
        statements = List.copyOf(statements);
    }

    /** Those of every source and target; connects to nothing. */
    public static List<Grants> of(Pipeline pipeline) {
        List<Grants> grants = new ArrayList<>();
        for (SourceSpec source : pipeline.sources()) {
            grants.add(
                    switch (source.kind()) {
                        case POSTGRESQL ->
                            new Grants(
                                    "source " + source.name(),
                                    source.connection().address(),
                                    "as a superuser, once the role is there",
                                    SourceGrants.of(pipeline, source));
                        case MONGODB ->
                            new Grants(
                                    "source " + source.name(),
                                    source.connection().address(),
                                    "in mongosh, as an administrator, once the user is there",
                                    MongoGrants.of(pipeline, source));
                    });
        }
        for (ServiceSpec service : pipeline.services()) {
            grants.add(new Grants(
                    "target of service " + service.name(),
                    service.target().connection().address(),
                    "as the tables' owner, once the role is there and `sluice plan FILE --apply` has made the tables",
                    TargetGrants.of(pipeline, service)));
        }
        return grants;
    }
}

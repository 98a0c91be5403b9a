package io.sluice.sink;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.sink.ledger.LedgerSchema;
import io.sluice.sink.sql.KeySpaces;
import io.sluice.sink.sql.OriginMark;
import io.sluice.sink.sql.TargetRights;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The rights that a target's writer needs at run time, and no more: on the rows of its tables and of the schema sluice. */
public final class TargetGrants {

    private TargetGrants() {}

    /** As statements for the tables' owner, once these are there; connects to nothing. */
    public static List<String> of(Pipeline pipeline, ServiceSpec service) {
        ServiceTarget target = ServiceTarget.of(pipeline, service);
        String role = target.writer().role();
        String quoted = Identifiers.quoted(role);
        Set<String> grants = new LinkedHashSet<>();
        grants.add("GRANT CONNECT ON DATABASE "
                + Identifiers.quoted(target.writer().database()) + " TO " + quoted);
        for (TableSpec table : service.tables()) {
            grants.addAll(TargetRights.all(role, table.target()));
        }
        grants.addAll(LedgerSchema.grants(role));
        grants.addAll(KeySpaces.grants(role, service));
        if (service.target().markOrigin()) {
            grants.addAll(OriginMark.grants(role));
        }
        return new ArrayList<>(grants);
    }
}

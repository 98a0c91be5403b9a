package io.sluice.source.engine;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what keeps our user from making the publications. Those that an administrator has made are taken as they are, if they
 * are right: then our user needs no right to make any.
 */
final class PublicationCheck {

    private final SourceContext context;
    private final Connection connection;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<TableId> unpublished = new HashSet<>();

    PublicationCheck(SourceContext context, Connection connection) {
        this.context = context;
        this.connection = connection;
    }

    List<Finding> run() throws SQLException {
        List<String> creations = new ArrayList<>();
        Publications publications = context.publications();
        for (Map.Entry<String, List<TableId>> each : publications.wanted().entrySet()) {
            String name = each.getKey();
            if (Publications.exists(connection, name)) {
                checkExisting(name, publications.missing(connection, name, each.getValue()));
            } else {
                creations.add(Publications.creation(name, each.getValue()) + ";");
                unpublished.addAll(each.getValue());
            }
        }
        if (!creations.isEmpty()
                && !Sql.isTrue(
                        connection,
                        "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')")) {
            findings.add(Finding.error(
                    context.connector().address(),
                    "our user may not create a publication",
                    "GRANT CREATE ON DATABASE "
                            + Identifiers.quoted(context.connector().database()) + " TO " + Sql.user(connection)
                            + "; or let the tables' owner run: " + String.join(" ", creations)));
        }
        return findings;
    }

    /** The tables that some publication has still to be given, which takes their owner. */
    Set<TableId> unpublished() {
        return unpublished;
    }

    private void checkExisting(String name, List<TableId> missing) throws SQLException {
        String place = "publication " + name;
        String literal = Identifiers.literal(name);
        boolean ours = Sql.isTrue(
                connection,
                "SELECT pg_catalog.pg_has_role(pubowner, 'USAGE') FROM pg_catalog.pg_publication WHERE pubname = "
                        + literal);
        if (!Publications.publishesEverything(connection, name)) {
            findings.add(Finding.error(
                    place, "it does not publish every kind of change", Publications.correction(name) + ";"));
        }
        if (missing.isEmpty()) {
            return;
        }
        if (isPartOf(name, missing.get(0))) {
            findings.add(Finding.error(
                    place,
                    "it publishes " + missing.get(0) + " through a filter, a list of columns or its schema",
                    "Drop it, and Sluice or the tables' owner makes it anew: DROP PUBLICATION "
                            + Identifiers.quoted(name)
                            + "; "
                            + Publications.creation(
                                    name, context.publications().wanted().getOrDefault(name, missing))
                            + ";"));
        } else if (ours) {
            unpublished.addAll(missing);
        } else {
            findings.add(Finding.error(
                    place,
                    "it lacks table " + missing.get(0) + ", and our user may not add it",
                    Publications.addition(name, missing) + ";"));
        }
    }

    private boolean isPartOf(String publication, TableId table) throws SQLException {
        return Sql.isTrue(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_publication_tables WHERE pubname = "
                        + Identifiers.literal(publication) + " AND schemaname = " + Identifiers.literal(table.schema())
                        + " AND tablename = " + Identifiers.literal(table.table()) + ")");
    }
}

package io.sluice.transform.mapping;

import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import java.util.ArrayList;
import java.util.List;

/**
 * What a file may say and this version can't yet do. Kept in one place, so that lifting a limit is one line less here, and
 * so that nothing the file says is passed over.
 */
final class Unsupported {

    private static final String REMEDY = "this version can't do that yet: leave it out";

    private final String path;
    private final List<MappingProblem> problems = new ArrayList<>();

    private Unsupported(String path) {
        this.path = path;
    }

    static List<MappingProblem> of(ServiceSpec service) {
        List<MappingProblem> problems = new ArrayList<>();
        for (TableSpec table : service.tables()) {
            problems.addAll(of(service, table));
        }
        return problems;
    }

    static List<MappingProblem> of(ServiceSpec service, TableSpec table) {
        Unsupported found = new Unsupported(path(service, table));
        found.table(table);
        if (table.onTruncate() == TruncatePolicy.APPLY && !service.isStrong()) {
            found.add(table.place(), ".on-truncate", "only a strong service has a place for it among its changes");
        }
        return found.problems;
    }

    static String path(ServiceSpec service, TableSpec table) {
        return "services." + service.name() + ".tables." + table.target();
    }

    private void table(TableSpec table) {
        if (table.split().isPresent() && !(table.deletes() instanceof DeletePolicy.Hard)) {
            add(table.place(), ".deletes", "rows of a split can only be deleted");
        }
        if (table.deletes() instanceof DeletePolicy.Ignore
                && table.conflict().resolve() == ConflictSpec.Resolution.LAST_WRITE_WINS
                && table.hasSeveralSources()
                && table.sourceInKey().isEmpty()) {
            add(
                    table.place(),
                    ".deletes",
                    "where the latest of several source tables prevails, deleted rows have to go or be marked");
        }
        if (table.onTruncate() == TruncatePolicy.RESNAPSHOT && table.deletes() instanceof DeletePolicy.Soft) {
            add(table.place(), ".on-truncate", "rows that a load did not see can't be marked, only deleted");
        }
    }

    private void add(Place place, String setting, String message) {
        problems.add(new MappingProblem(place, path + setting, message, REMEDY));
    }
}

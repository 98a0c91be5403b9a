package io.sluice.sink;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.sink.sql.TargetSequences;
import io.sluice.sink.sql.TargetSequences.Numbered;
import io.sluice.sink.sql.TargetSequences.Step;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What a target needs before its service writes to it. Uses the admin URL where the pipeline file gives one. */
public final class TargetCutover {

    private final ServiceTarget target;

    public TargetCutover(Pipeline pipeline, ServiceSpec service) {
        this.target = ServiceTarget.of(pipeline, service);
    }

    /** Where it is, for messages. */
    public String address() {
        return target.admin().address();
    }

    /**
     * What puts its sequences behind what came from the source; only reads.
     *
     * @param numbered the columns that the source numbers
     * @throws EnvironmentException if the target can't be asked
     */
    public List<Step> sequences(Map<TargetTable, List<Numbered>> numbered) {
        try (Connection connection = target.admin().open()) {
            List<Step> steps = new ArrayList<>();
            for (TableSpec table : target.service().tables()) {
                steps.addAll(TargetSequences.of(
                        connection, table.target(), numbered.getOrDefault(table.target(), List.of())));
            }
            return steps;
        } catch (SQLException e) {
            throw target.admin().unreachable(e);
        }
    }

    /**
     * Does that, all or none.
     *
     * @return the number that each has given last now; empty for one that has given none
     */
    public List<OptionalLong> apply(List<Step> steps) {
        try (Connection connection = target.admin().open()) {
            return TargetSequences.apply(connection, steps);
        } catch (SQLException e) {
            throw target.admin().unreachable(e);
        }
    }
}

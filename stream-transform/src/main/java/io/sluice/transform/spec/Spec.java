package io.sluice.transform.spec;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.transform.mapping.ServiceMapping;
import io.sluice.transform.mapping.SourceTable;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One behaviour: changes of source tables, and what is to become of them.
 *
 * @param pipeline the pipeline's name
 * @param sources the source tables as they were declared, those of other specs of the service too
 * @param finalRows by target table, all rows that it is to hold in the end
 */
public record Spec(
        String name,
        Place place,
        String pipeline,
        ServiceSpec service,
        List<SourceTable> sources,
        ServiceMapping mapping,
        List<Step> steps,
        Map<TargetTable, List<ExpectedRow>> finalRows) {

    /**
     * What one step does, and what is expected of it.
     *
     * @param changes one; two where a key changes
     * @param expected by target table; empty where the spec says nothing of this step
     */
    public record Step(Place place, List<Change> changes, Optional<Map<TargetTable, List<Expected>>> expected) {}

    /** What is expected of a change in one target table. */
    sealed interface Expected {

        Place place();

        record Upserted(ExpectedRow row) implements Expected {

            @Override
            public Place place() {
                return row.place();
            }
        }

        /** Of the row, the key columns count. */
        record Deleted(ExpectedRow key) implements Expected {

            @Override
            public Place place() {
                return key.place();
            }
        }

        /** Empty parts are not compared. */
        record Rejected(Place place, String reasonPart, String rule) implements Expected {}
    }

    /**
     * A row as a spec writes it.
     *
     * @param whole whether it names every column that counts, and a difference in any other is one too
     * @param deleted whether it is marked as deleted; empty where nobody asks
     */
    record ExpectedRow(PartialRow row, boolean whole, Optional<Boolean> deleted) {

        ExpectedRow(PartialRow row, boolean whole) {
            this(row, whole, Optional.empty());
        }

        Place place() {
            return row.place();
        }

        RowSchema schema() {
            return row.schema();
        }
    }

    @Override
    public String toString() {
        return place + " " + name;
    }
}

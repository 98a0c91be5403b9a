package io.sluice.transform.spec;

import io.sluice.schemas.pipeline.Place;
import java.util.List;

/** How a spec turned out. */
public record SpecResult(Spec spec, List<Failure> failures) {

    public SpecResult {
        failures = List.copyOf(failures);
    }

    public boolean passed() {
        return failures.isEmpty();
    }

    /**
     * One thing that is not as expected.
     *
     * @param what the target table and what is wrong there, without values
     * @param columns column by column where two rows are compared; else empty
     */
    public record Failure(Place place, String what, List<ColumnDiff> columns) {

        public Failure {
            columns = List.copyOf(columns);
        }
    }

    /** One column of two rows; an empty text where that side has no such row. */
    public record ColumnDiff(String column, String expected, String actual, boolean same) {}
}

package io.sluice.schemas.pipeline;

import java.util.Objects;

/** What a delete at the source does at the target. */
public sealed interface DeletePolicy {

    /** The row is deleted. */
    record Hard() implements DeletePolicy {}

    /** The row stays and this column says so: a time or a flag, as its type has it. */
    record Soft(String column) implements DeletePolicy {

        public Soft {
            Objects.requireNonNull(column, "column");
        }
    }

    /** The row stays as it was. */
    record Ignore() implements DeletePolicy {}
}

package io.sluice.transform.mapping;

import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.RowChange;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a mapping makes of one change. */
public sealed interface MappingResult {

    /** These target rows change, in this order; none where the change does not concern the target. */
    record Mapped(List<RowChange> changes) implements MappingResult {

        public Mapped {
            changes = List.copyOf(changes);
        }
    }

    /**
     * The source row has become these target rows and no others: what else it once became is gone. Which rows that were only
     * whoever has seen the changes before can know. The source row may be gone itself.
     *
     * @param parent the source row's key
     * @param rows each with another key
     */
    record Children(Key parent, List<RowChange.Upsert> rows, Provenance provenance) implements MappingResult {}

    /**
     * The change can't be mapped, now or later.
     *
     * @param rule the rule of the file that the row breaks; only where that is the cause
     * @param reason what is wrong, without any value of the row
     */
    record Rejected(Cause cause, Optional<String> rule, String reason) implements MappingResult {

        public Rejected {
            Objects.requireNonNull(cause, "cause");
            Objects.requireNonNull(rule, "rule");
            Objects.requireNonNull(reason, "reason");
        }

        static Rejected of(Cause cause, String reason) {
            return new Rejected(cause, Optional.empty(), reason);
        }

        static Rejected brokenRule(String rule, String reason) {
            return new Rejected(Cause.RULE, Optional.of(rule), reason);
        }
    }

    /** Why a change is rejected, for whoever counts and sorts them. */
    enum Cause {
        /** All rows of the source table are gone, and there is no right moment to empty the target. */
        TRUNCATED,
        /** Its key at the target can't be told. */
        KEY,
        /** A value does not fit its column's type. */
        VALUE,
        /** An expression has no value for this row. */
        EXPRESSION,
        /** The row breaks a rule of the file. */
        RULE,
        /** A mapper written in Java rejects it, fails on it, or gives what is no row. */
        MAPPER
    }
}

package io.sluice.transform.mapping;

import io.sluice.schemas.model.RowChange;
import java.util.List;

/** What a mapping makes of one change. */
public sealed interface MappingResult {

    /** These target rows change, in this order; none where the change does not concern the target. */
    record Mapped(List<RowChange> changes) implements MappingResult {}

    /**
     * The change can't be mapped, now or later.
     *
     * @param reason what is wrong, without any value of the row
     */
    record Rejected(String reason) implements MappingResult {}
}

package io.sluice.transform.mapping;

import io.sluice.transform.mapping.value.UnmappedFields;
import java.util.List;
import java.util.Optional;

/**
 * How the source has got beyond what a mapping was made for.
 *
 * @param leftOut columns that appeared and are not carried
 * @param carried columns that appeared and flow on
 * @param fields finds fields of a document that no column takes; empty where its fields are not listed
 */
public record Drift(List<String> leftOut, List<String> carried, Optional<UnmappedFields> fields) {

    public static final Drift NONE = new Drift(List.of(), List.of(), Optional.empty());

    public Drift {
        leftOut = List.copyOf(leftOut);
        carried = List.copyOf(carried);
    }

    /** Whether any change may have something that is left out. */
    public boolean leavesOut() {
        return !leftOut.isEmpty() || fields.isPresent();
    }
}

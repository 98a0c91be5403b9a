package io.sluice.schemas.pipeline;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which columns a target row has.
 *
 * @param listed the columns that the file names, in its order
 * @param copyOthers whether source columns that are neither dropped nor renamed by a listed one are copied under their own name
 * @param flatten nested documents whose fields become columns {@code document_field} of their own
 * @param overflow the jsonb column that takes the fields nothing else takes
 */
public record ColumnsSpec(
        List<ColumnSpec> listed, boolean copyOthers, List<FieldPath> flatten, Optional<String> overflow) {

    public ColumnsSpec {
        listed = List.copyOf(listed);
        flatten = List.copyOf(flatten);
        Objects.requireNonNull(overflow, "overflow");
    }

    /** Every column of the source, as it is. */
    public static ColumnsSpec everything() {
        return new ColumnsSpec(List.of(), true, List.of(), Optional.empty());
    }

    /** These columns and no other. */
    public static ColumnsSpec only(List<ColumnSpec> listed) {
        return new ColumnsSpec(listed, false, List.of(), Optional.empty());
    }

    /** These columns, and every other one of the source as it is. */
    public static ColumnsSpec andOthers(List<ColumnSpec> listed) {
        return new ColumnsSpec(listed, true, List.of(), Optional.empty());
    }

    public Optional<ColumnSpec> column(String name) {
        return listed.stream().filter(column -> column.name().equals(name)).findFirst();
    }
}

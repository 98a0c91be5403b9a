package io.sluice.transform.mapping;

import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.FieldPath;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives the columns listed for a flattened document their fields: under {@code flatten: [address]} a column {@code
 * address_city} that says nothing else takes {@code address.city}. Which fields there are no catalog knows, so they are listed.
 */
final class Flattening {

    private final ColumnsSpec columns;
    private final SourceTable source;
    private final Reporter reporter;

    /** Takes what is wrong with the table's settings. */
    interface Reporter {
        void problem(String setting, String message, String remedy);
    }

    Flattening(ColumnsSpec columns, SourceTable source, Reporter reporter) {
        this.columns = columns;
        this.source = source;
        this.reporter = reporter;
    }

    ColumnsSpec flattened() {
        if (columns.flatten().isEmpty()) {
            return columns;
        }
        List<ColumnSpec> listed = columns.listed().stream().map(this::flattened).toList();
        for (FieldPath document : columns.flatten()) {
            if (listed.stream().noneMatch(column -> leadsInto(column, document))) {
                reporter.problem(
                        "flatten",
                        "no column takes a field of " + document + ", and which it has is not known beforehand",
                        "list them under columns: " + prefix(document) + "city for its field city, say");
            }
        }
        return new ColumnsSpec(listed, columns.copyOthers(), columns.flatten(), columns.overflow());
    }

    private ColumnSpec flattened(ColumnSpec column) {
        boolean unsaid = column.value() instanceof ColumnValue.Field field
                && field.path().equals(FieldPath.of(column.name()))
                && source.row().indexOf(column.name()) < 0;
        if (!unsaid) {
            return column;
        }
        for (FieldPath document : columns.flatten()) {
            String prefix = prefix(document);
            if (column.name().startsWith(prefix) && column.name().length() > prefix.length()) {
                List<String> path = new ArrayList<>(document.segments());
                path.add(column.name().substring(prefix.length()));
                return new ColumnSpec(
                        column.name(),
                        new ColumnValue.Field(new FieldPath(path)),
                        column.type(),
                        column.defaultValue(),
                        column.place());
            }
        }
        return column;
    }

    private static String prefix(FieldPath document) {
        return String.join("_", document.segments()) + "_";
    }

    private static boolean leadsInto(ColumnSpec column, FieldPath document) {
        return column.value() instanceof ColumnValue.Field field
                && field.path().segments().size() > document.segments().size()
                && field.path()
                        .segments()
                        .subList(0, document.segments().size())
                        .equals(document.segments());
    }
}

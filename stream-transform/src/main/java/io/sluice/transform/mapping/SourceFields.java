package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.FieldWay;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the file calls a field. In a table that is a column, or leads into one of type json. In a collection {@code _id}
 * is the key, and everything else leads into the document.
 */
final class SourceFields {

    private static final int MOST_COLUMNS_NAMED = 30;

    private final SourceTable source;

    SourceFields(SourceTable source) {
        this.source = source;
    }

    /** Null, and a message with a remedy told, if there is no such field. */
    @Nullable
    SourceField find(FieldPath path, BiConsumer<String, String> problem) {
        return source.isCollection() ? inCollection(path) : inTable(path, problem);
    }

    private SourceField inCollection(FieldPath path) {
        if (path.root().equals(SourceTable.ID)) {
            return new SourceField(
                    source.row().indexOf(SourceTable.ID), new FieldWay(Dialect.EXTENDED, inside(path)), path.isRoot());
        }
        return new SourceField(source.documentColumn(), new FieldWay(Dialect.EXTENDED, path.segments()), false);
    }

    private @Nullable SourceField inTable(FieldPath path, BiConsumer<String, String> problem) {
        int index = source.row().indexOf(path.root());
        if (index < 0) {
            String columns = source.row().columns().stream()
                    .limit(MOST_COLUMNS_NAMED)
                    .map(Column::name)
                    .collect(Collectors.joining(", "));
            problem.accept(source.id() + " has no column " + path.root(), "it has " + columns);
            return null;
        }
        if (path.isRoot()) {
            return SourceField.column(index);
        }
        Column column = source.row().column(index);
        if (column.type() != Simple.JSON) {
            problem.accept(
                    "column " + column.name() + " of type " + column.declared() + " has no fields",
                    "only json and jsonb have; quote a name that holds a dot");
            return null;
        }
        return new SourceField(index, new FieldWay(Dialect.PLAIN, inside(path)), false);
    }

    private static List<String> inside(FieldPath path) {
        return path.segments().subList(1, path.segments().size());
    }
}

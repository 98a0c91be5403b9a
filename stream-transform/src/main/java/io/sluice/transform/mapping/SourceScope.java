package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.transform.mapping.expression.Scope;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.FieldWay;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What expressions over a source row may name: a table's columns; any field of a collection's documents. */
final class SourceScope implements Scope {

    private final SourceTable source;
    private final SourceFields fields;

    SourceScope(SourceTable source) {
        this.source = source;
        this.fields = new SourceFields(source);
    }

    @Override
    public @Nullable LogicalType typeOf(String name) {
        if (source.isCollection()) {
            return Simple.DOCUMENT;
        }
        int index = source.row().indexOf(name);
        return index < 0 ? null : source.row().column(index).type();
    }

    @Override
    public List<String> names() {
        return source.isCollection()
                ? List.of()
                : source.row().columns().stream().map(Column::name).toList();
    }

    /** Where the value of a name that has a type stands. */
    SourceField field(String name) {
        SourceField field = fields.find(FieldPath.of(name), (message, remedy) -> {});
        if (field == null) {
            throw new IllegalStateException("a name with a type is there");
        }
        boolean json =
                field.way() == null && source.row().column(field.column()).type() == Simple.JSON;
        // So that it is parsed once, whatever else is taken from it.
        return json ? new SourceField(field.column(), new FieldWay(Dialect.PLAIN, List.of()), true) : field;
    }
}

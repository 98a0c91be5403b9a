package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.pipeline.ColumnValue.Variable;
import io.sluice.schemas.pipeline.ColumnValue.VariableName;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.FieldWay;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a row that a split made holds what the split knows: behind the source's own columns, for each level which part or element
 * it is, and the value.
 */
final class SplitVariables {

    private final SourceTable source;
    private final List<Level> levels;

    /** @param dialect how the value is written; null where it is a value of the database's own */
    record Level(Column which, Column value, @Nullable Dialect dialect) {}

    private SplitVariables(SourceTable source, List<Level> levels) {
        this.source = source;
        this.levels = List.copyOf(levels);
    }

    /** Of rows that are not split, or not yet. */
    static SplitVariables none(SourceTable source) {
        return new SplitVariables(source, List.of());
    }

    /** One level further in. */
    SplitVariables with(Level level) {
        List<Level> more = new ArrayList<>(levels);
        more.add(level);
        return new SplitVariables(source, more);
    }

    /** How many columns are the source's own. */
    int ownColumns() {
        return source.row().size();
    }

    /** The source with these columns behind its own. Their names say the level, and hold a character that no column's does. */
    SourceTable rows() {
        if (levels.isEmpty()) {
            return source;
        }
        RowSchema own = source.row();
        List<Column> columns = new ArrayList<>(own.columns());
        for (int i = 0; i < levels.size(); i++) {
            columns.add(levels.get(i).which().renamed("$which\0" + i));
            columns.add(levels.get(i).value().renamed("$value\0" + i));
        }
        return new SourceTable(source.id(), new RowSchema(own.name(), columns, own.keyColumns()), source.wholeBefore());
    }

    /** Where a variable's value stands; empty if there is no such level, or nothing of that kind there. */
    Optional<SourceField> field(Variable variable) {
        int at = levels.size() - 1 - variable.outward();
        if (at < 0) {
            return Optional.empty();
        }
        Level level = levels.get(at);
        int column = ownColumns() + 2 * at;
        if (variable.name() != VariableName.VALUE) {
            Simple kept = variable.name() == VariableName.INDEX ? Simple.INT32 : Simple.TEXT;
            return level.which().type() == kept ? Optional.of(SourceField.column(column)) : Optional.empty();
        }
        List<String> within = variable.within().map(path -> path.segments()).orElse(List.of());
        if (level.dialect() != null) {
            return Optional.of(new SourceField(column + 1, new FieldWay(level.dialect(), within), false));
        }
        return within.isEmpty() ? Optional.of(SourceField.column(column + 1)) : Optional.empty();
    }
}

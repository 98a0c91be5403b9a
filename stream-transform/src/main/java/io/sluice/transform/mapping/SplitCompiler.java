package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.pipeline.ColumnValue.Variable;
import io.sluice.schemas.pipeline.ColumnValue.VariableName;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.FieldWay;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Compiles a split: how rows are taken apart, and where its variables stand then. */
final class SplitCompiler {

    private static final Column INDEX = new Column("index", Simple.INT32, "integer", false);
    private static final Column PART = new Column("part", Simple.TEXT, "text", false);
    private static final String ARRAY = "[]";

    private final SourceTable source;
    private final BiConsumer<String, String> problem;
    private final List<SplitLevel> levels = new ArrayList<>();
    private final Set<Integer> reads = new HashSet<>();
    private SplitVariables variables;

    /** @param problem takes what is wrong, and a remedy */
    SplitCompiler(SourceTable source, BiConsumer<String, String> problem) {
        this.source = source;
        this.problem = problem;
        this.variables = SplitVariables.none(source);
    }

    /**
     * A split that can be done.
     *
     * @param variables of the rows that it makes
     * @param reads the columns of the source that it takes apart
     */
    record Split(Splitter splitter, SplitVariables variables, Set<Integer> reads) {}

    /** Empty, and a problem told, if it can't be done. */
    Optional<Split> compile(SplitSpec spec) {
        for (SplitSpec.Level level : spec.levels()) {
            boolean found = level instanceof SplitSpec.Elements elements
                    ? elements(elements)
                    : level instanceof SplitSpec.Parts parts && parts(parts);
            if (!found) {
                return Optional.empty();
            }
        }
        return Optional.of(new Split(new Splitter(levels), variables, reads));
    }

    private boolean elements(SplitSpec.Elements level) {
        SourceField array = find(level.array());
        if (array == null) {
            return false;
        }
        FieldWay way = array.way();
        Column value = way == null ? element(array) : document(way.dialect());
        if (value == null) {
            problem.accept(level.array() + " is no array", "name a column of an array type, or of type json or jsonb");
            return false;
        }
        add(INDEX, value, way);
        levels.add(new SplitElements(
                variables.rows().row(), level.limit(), level.array().toString(), array));
        return true;
    }

    private @Nullable Column element(SourceField array) {
        Column column = variables.rows().row().column(array.column());
        return column.type() instanceof LogicalType.Array of
                        && column.declared().endsWith(ARRAY)
                ? new Column(
                        "element",
                        of.element(),
                        column.declared().substring(0, column.declared().length() - ARRAY.length()),
                        false)
                : null;
    }

    private boolean parts(SplitSpec.Parts level) {
        List<SplitParts.Part> parts = new ArrayList<>();
        Column value = null;
        FieldWay way = null;
        for (FieldPath path : level.parts()) {
            SourceField field = find(path);
            if (field == null) {
                return false;
            }
            way = field.way();
            Column part = way == null ? variables.rows().row().column(field.column()) : document(way.dialect());
            if (value != null
                    && !(value.type().equals(part.type()) && value.declared().equals(part.declared()))) {
                problem.accept(
                        "part " + path + " of type " + part.declared() + " fits in no column with those of type "
                                + value.declared(),
                        "make a table for the parts of each type");
                return false;
            }
            value = part;
            parts.add(new SplitParts.Part(path.toString(), field));
        }
        if (value == null) {
            return false;
        }
        add(PART, value, way);
        levels.add(new SplitParts(variables.rows().row(), level.limit(), parts));
        return true;
    }

    private void add(Column which, Column value, @Nullable FieldWay way) {
        variables = variables.with(new SplitVariables.Level(which, value, way == null ? null : way.dialect()));
    }

    /** Inside a document it is a part of: no type says what it is, each value does. */
    private static Column document(Dialect dialect) {
        return dialect == Dialect.EXTENDED
                ? new Column("value", Simple.DOCUMENT, "document", false)
                : new Column("value", Simple.JSON, "jsonb", false);
    }

    private @Nullable SourceField find(FieldPath path) {
        if (!levels.isEmpty()) {
            Optional<SourceField> inside = variables.field(new Variable(VariableName.VALUE, Optional.of(path)));
            if (inside.isEmpty()) {
                problem.accept("the values around " + path + " are no documents", "");
            }
            return inside.orElse(null);
        }
        SourceField field = new SourceFields(source).find(path, problem);
        if (field != null) {
            reads.add(field.column());
        }
        return field != null
                        && field.way() == null
                        && source.row().column(field.column()).type() == Simple.JSON
                ? new SourceField(field.column(), new FieldWay(Dialect.PLAIN, List.of()), true)
                : field;
    }
}

package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Literal;
import io.sluice.transform.mapping.value.SqlType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compiles the columns of one mapping. One that can't be had is left out, with a problem for each reason. */
final class ColumnCompiler {

    private final SourceTable source;
    private final String path;
    private final List<MappingProblem> problems;
    private final SplitVariables variables;
    private final FieldCompiler fields;
    private final ColumnTypes types;

    ColumnCompiler(SourceTable source, SplitVariables variables, String path, List<MappingProblem> problems) {
        this.source = source;
        this.variables = variables;
        this.path = path;
        this.problems = problems;
        this.types = new ColumnTypes(this::problem);
        this.fields = new FieldCompiler(source, variables.rows(), types, this::problem);
    }

    /** In the order of the source, what is new after it; or as the file lists them where it lists them all. */
    Map<String, ColumnStep> compile(ColumnsSpec columns) {
        List<ColumnSpec> left = new ArrayList<>(columns.listed());
        Map<String, ColumnStep> steps = new LinkedHashMap<>();
        if (columns.copyOthers()) {
            Set<String> taken = new HashSet<>();
            left.forEach(spec -> taken.addAll(List.of(spec.name(), sourceOf(spec))));
            for (Column column : source.row().columns()) {
                List<ColumnSpec> here =
                        left.stream().filter(spec -> takes(spec, column.name())).toList();
                here.forEach(spec -> add(steps, spec));
                left.removeAll(here);
                if (!taken.contains(column.name())) {
                    steps.put(column.name(), fields.asItIs(source.row().indexOf(column.name())));
                }
            }
        }
        left.forEach(spec -> add(steps, spec));
        return steps;
    }

    private static boolean takes(ColumnSpec spec, String sourceColumn) {
        return spec.value() instanceof ColumnValue.Field field
                && field.path().isRoot()
                && field.path().root().equals(sourceColumn);
    }

    /** The source column that this one stands for. */
    private static String sourceOf(ColumnSpec spec) {
        return spec.value() instanceof ColumnValue.Field field && field.path().isRoot()
                ? field.path().root()
                : spec.name();
    }

    private void add(Map<String, ColumnStep> steps, ColumnSpec spec) {
        ColumnStep step = step(spec);
        if (step != null && steps.put(spec.name(), step) != null) {
            problem(spec, "the column is listed twice", "");
        }
    }

    private @Nullable ColumnStep step(ColumnSpec spec) {
        ColumnValue value = spec.value();
        if (value instanceof ColumnValue.Dropped) {
            fields.find(spec, FieldPath.of(spec.name()));
            return null;
        }
        if (value instanceof ColumnValue.Field field) {
            return fields.compile(spec, field.path());
        }
        if (value instanceof ColumnValue.Constant constant) {
            return constant(spec, constant.literal());
        }
        if (value instanceof ColumnValue.Variable variable) {
            return variable.name() == ColumnValue.VariableName.SOURCE
                    ? constant(spec, new Literal.Text(source.id().source()))
                    : variable(spec, variable);
        }
        return null;
    }

    private @Nullable ColumnStep variable(ColumnSpec spec, ColumnValue.Variable variable) {
        Optional<SourceField> field = variables.field(variable);
        if (field.isEmpty()) {
            problem(spec, "the split knows no such value", "name one of its variables, or a field of a json value");
            return null;
        }
        boolean document = field.get().way() != null && variable.within().isEmpty();
        return fields.compile(
                document && spec.type().isEmpty() && spec.defaultValue().isEmpty() ? asDocument(spec) : spec,
                field.get());
    }

    private static ColumnSpec asDocument(ColumnSpec spec) {
        return new ColumnSpec(spec.name(), spec.value(), Optional.of("jsonb"), spec.defaultValue(), spec.place());
    }

    private @Nullable ColumnStep constant(ColumnSpec spec, Literal literal) {
        Optional<SqlType> type = types.parse(spec, spec.type().orElseGet(() -> Literals.naturalType(literal)));
        if (type.isEmpty()) {
            return null;
        }
        Column column = new Column(spec.name(), type.get().type(), type.get().declared(), false);
        Object value = types.literal(spec, literal, column, type.get());
        return value == null ? null : new ConstantColumn(column, value);
    }

    private void problem(ColumnSpec column, String message, String remedy) {
        problems.add(new MappingProblem(column.place(), path + column.name(), message, remedy));
    }
}

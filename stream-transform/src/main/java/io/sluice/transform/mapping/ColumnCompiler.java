package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Literal;
import io.sluice.schemas.pipeline.Place;
import io.sluice.transform.mapping.expression.ResultConversion;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.Remainder;
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
    private final ExpressionsCompiler expressions;
    private final Place place;
    private final String path;
    private final List<MappingProblem> problems;
    private final SplitVariables variables;
    private final FieldCompiler fields;
    private final ColumnTypes types;

    ColumnCompiler(
            SourceTable source,
            SplitVariables variables,
            ExpressionsCompiler expressions,
            Place place,
            String path,
            List<MappingProblem> problems) {
        this.place = place;
        this.source = source;
        this.variables = variables;
        this.expressions = expressions;
        this.path = path;
        this.problems = problems;
        this.types = new ColumnTypes(this::problem);
        this.fields = new FieldCompiler(source, variables.rows(), types, this::problem);
    }

    /**
     * In the order of the source, what is new after it; or as the file lists them where it lists them all.
     *
     * @param notCopied columns that are carried only if they are listed
     */
    Map<String, ColumnStep> compile(ColumnsSpec given, Set<String> notCopied) {
        ColumnsSpec columns = new Flattening(given, source, this::problemOfTable).flattened();
        List<ColumnSpec> rest = new ArrayList<>(columns.listed());
        Map<String, ColumnStep> steps = new LinkedHashMap<>();
        if (columns.copyOthers() && source.isCollection() && !columns.listed().isEmpty()) {
            problemOfTable("other-columns", "which other fields documents have is not known", "use overflow:");
        } else if (columns.copyOthers()) {
            Set<String> taken = new HashSet<>();
            rest.forEach(spec -> taken.addAll(List.of(spec.name(), sourceOf(spec))));
            for (Column column : source.row().columns()) {
                List<ColumnSpec> here =
                        rest.stream().filter(spec -> takes(spec, column.name())).toList();
                here.forEach(spec -> add(steps, spec));
                rest.removeAll(here);
                boolean left = notCopied.contains(column.name())
                        || (columns.overflow().isPresent() && column.type() == Simple.DOCUMENT);
                if (!left && !taken.contains(column.name()) && !isFlattened(columns, column.name())) {
                    steps.put(column.name(), fields.asItIs(source.row().indexOf(column.name())));
                }
            }
        }
        rest.forEach(spec -> add(steps, spec));
        columns.overflow().ifPresent(name -> overflow(steps, name, columns));
        return steps;
    }

    private static boolean isFlattened(ColumnsSpec columns, String name) {
        return columns.flatten().stream()
                .anyMatch(document -> document.isRoot() && document.root().equals(name));
    }

    private void overflow(Map<String, ColumnStep> steps, String name, ColumnsSpec columns) {
        if (!source.isCollection()) {
            problemOfTable(
                    "overflow", "the columns of " + source.id() + " are known, so none is left over", "list them");
            return;
        }
        if (steps.containsKey(name)) {
            problemOfTable("overflow", "column " + name + " is listed already", "take another name");
            return;
        }
        List<List<String>> taken = new ArrayList<>();
        for (ColumnSpec spec : columns.listed()) {
            if (spec.value() instanceof ColumnValue.Field field) {
                taken.add(field.path().segments());
            }
        }
        SqlType jsonb = ColumnTypes.JSONB;
        steps.put(
                name,
                new OverflowColumn(
                        new Column(name, jsonb.type(), jsonb.declared(), true),
                        source.documentColumn(),
                        new Remainder(Dialect.EXTENDED, taken)));
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
        if (value instanceof ColumnValue.Generated generated) {
            return fields.generated(spec, generated, variables);
        }
        if (value instanceof ColumnValue.Computed computed) {
            return computed(spec, computed.expression());
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

    private @Nullable ColumnStep computed(ColumnSpec spec, Expression expression) {
        Optional<SourceExpression> compiled = expressions.overSource(
                expression,
                message -> problems.add(
                        new MappingProblem(expression.place(), path + "columns." + spec.name(), message, "")));
        if (compiled.isEmpty()) {
            return null;
        }
        LogicalType given = compiled.get().compiled().result();
        if (spec.type().isEmpty() && given == null) {
            problem(spec, "what it gives is known only with the row", "say its type:");
            return null;
        }
        Optional<SqlType> type = types.parse(spec, spec.type().orElseGet(() -> ColumnTypes.naturalType(given)));
        if (type.isEmpty()) {
            return null;
        }
        ResultConversion conversion = new ResultConversion(type.get());
        if (given != null && !conversion.takes(given)) {
            problem(
                    spec,
                    "what it gives can't become " + type.get().declared(),
                    "as it is, it is " + ColumnTypes.naturalType(given));
            return null;
        }
        Column column = new Column(spec.name(), type.get().type(), type.get().declared(), true);
        return new ComputedColumn(column, compiled.get(), conversion);
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

    private void problemOfTable(String setting, String message, String remedy) {
        problems.add(new MappingProblem(place, path + setting, message, remedy));
    }

    private void problem(ColumnSpec column, String message, String remedy) {
        problems.add(new MappingProblem(column.place(), path + "columns." + column.name(), message, remedy));
    }
}

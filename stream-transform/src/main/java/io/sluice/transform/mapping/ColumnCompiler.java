package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.Literal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compiles the columns of one mapping. One that can't be had is left out, with a problem for each reason. */
final class ColumnCompiler {

    private static final int MOST_COLUMNS_NAMED = 30;

    private final SourceTable source;
    private final String path;
    private final List<MappingProblem> problems;
    private final Literals literals = new Literals();

    ColumnCompiler(SourceTable source, String path, List<MappingProblem> problems) {
        this.source = source;
        this.path = path;
        this.problems = problems;
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
                    int index = source.row().indexOf(column.name());
                    steps.put(column.name(), new ColumnStep(column, index, Widening.NONE, null));
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
        return spec.value() instanceof ColumnValue.Field field ? field.path().root() : spec.name();
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
            sourceColumn(spec, spec.name());
            return null;
        }
        if (value instanceof ColumnValue.Field field) {
            return field.path().isRoot() ? copied(spec, field.path().root()) : null;
        }
        if (value instanceof ColumnValue.Constant constant) {
            return constant(spec, constant.literal());
        }
        if (value instanceof ColumnValue.Variable variable && variable.name() == ColumnValue.VariableName.SOURCE) {
            return constant(spec, new Literal.Text(source.id().source()));
        }
        return null;
    }

    private int sourceColumn(ColumnSpec spec, String name) {
        int index = source.row().indexOf(name);
        if (index < 0) {
            String columns = source.row().columns().stream()
                    .limit(MOST_COLUMNS_NAMED)
                    .map(Column::name)
                    .collect(Collectors.joining(", "));
            problem(spec, source.id() + " has no column " + name, "it has " + columns);
        }
        return index;
    }

    private @Nullable ColumnStep copied(ColumnSpec spec, String from) {
        int index = sourceColumn(spec, from);
        if (index < 0) {
            return null;
        }
        Column original = source.row().column(index);
        Column column = original.renamed(spec.name());
        Widening widening = Widening.NONE;
        Optional<SqlType> wanted = Optional.empty();
        if (spec.type().isPresent() && !spec.type().get().strip().equalsIgnoreCase(original.declared())) {
            wanted = sqlType(spec, spec.type().get());
            if (wanted.isEmpty()) {
                return null;
            }
            Optional<Widening> found =
                    Widening.between(original.type(), wanted.get().type());
            if (found.isEmpty() || !wanted.get().storesUnaltered(original.declared())) {
                problem(
                        spec,
                        original.declared() + " can't become " + wanted.get().declared() + " as it is",
                        "this version does not convert values: choose a type that holds them all");
                return null;
            }
            widening = found.get();
            column = new Column(spec.name(), wanted.get().type(), wanted.get().declared(), original.nullable());
        }
        if (spec.defaultValue().isEmpty()) {
            return new ColumnStep(column, index, widening, null);
        }
        Object otherwise = literal(
                spec,
                spec.defaultValue().get(),
                column,
                wanted.or(() -> SqlType.parse(original.declared())).orElse(null));
        Column filled = new Column(column.name(), column.type(), column.declared(), false);
        return otherwise == null ? null : new ColumnStep(filled, index, widening, otherwise);
    }

    private @Nullable ColumnStep constant(ColumnSpec spec, Literal literal) {
        Optional<SqlType> type = sqlType(spec, spec.type().orElseGet(() -> Literals.naturalType(literal)));
        if (type.isEmpty()) {
            return null;
        }
        Column column = new Column(spec.name(), type.get().type(), type.get().declared(), false);
        Object value = literal(spec, literal, column, type.get());
        return value == null ? null : new ColumnStep(column, ColumnStep.CONSTANT, Widening.NONE, value);
    }

    private Optional<SqlType> sqlType(ColumnSpec spec, String text) {
        Optional<SqlType> type = SqlType.parse(text);
        if (type.isEmpty()) {
            problem(spec, "we don't know the SQL type " + text, "");
        }
        return type;
    }

    private @Nullable Object literal(ColumnSpec spec, Literal literal, Column column, @Nullable SqlType type) {
        Optional<Object> value = literals.valueOf(literal, column.type(), type == null ? null : type.limit());
        if (value.isEmpty()) {
            problem(spec, "the value given is no exact value of type " + column.declared(), "");
        }
        return value.orElse(null);
    }

    private void problem(ColumnSpec column, String message, String remedy) {
        problems.add(new MappingProblem(column.place(), path + column.name(), message, remedy));
    }
}

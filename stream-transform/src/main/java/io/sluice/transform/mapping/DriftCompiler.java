package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.transform.mapping.value.UnmappedFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out what a mapping leaves out although nobody said so. */
final class DriftCompiler {

    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");

    private final TableSpec table;
    private final SourceTable source;

    DriftCompiler(TableSpec table, SourceTable source) {
        this.table = table;
        this.source = source;
    }

    /** @param reads the source columns that something is made of */
    Drift compile(Set<Integer> reads) {
        List<String> leftOut = new ArrayList<>();
        List<String> carried = new ArrayList<>();
        for (Column column : source.row().columns()) {
            if (source.appeared().contains(column.name()) && !isDropped(column.name())) {
                boolean read = reads.contains(source.row().indexOf(column.name()));
                (read ? carried : leftOut).add(column.name());
            }
        }
        return new Drift(leftOut, carried, fields());
    }

    /** A mapper written in Java sees every column; whether it knows what to do with a new one only its author can tell. */
    Drift ofMapper() {
        return new Drift(List.copyOf(source.appeared()), List.of(), Optional.empty());
    }

    private boolean isDropped(String name) {
        return table.columns().column(name).filter(ColumnSpec::isDropped).isPresent();
    }

    private Optional<UnmappedFields> fields() {
        ColumnsSpec columns = table.columns();
        if (!source.isCollection() || columns.copyOthers() || columns.overflow().isPresent()) {
            return Optional.empty();
        }
        List<List<String>> taken = new ArrayList<>();
        taken.add(List.of(SourceTable.ID));
        Flattening flattening = new Flattening(columns, source, (setting, message, remedy) -> {});
        for (ColumnSpec column : flattening.flattened().listed()) {
            if (column.isDropped()) {
                taken.add(List.of(column.name()));
            }
            taken(column.value(), taken);
        }
        table.where().ifPresent(where -> mentioned(where, taken));
        table.split().ifPresent(split -> split.levels().forEach(level -> taken(level, taken)));
        return Optional.of(new UnmappedFields(taken));
    }

    private static void taken(ColumnValue value, List<List<String>> taken) {
        if (value instanceof ColumnValue.Field field) {
            taken.add(field.path().segments());
        } else if (value instanceof ColumnValue.Generated generated) {
            generated.of().forEach(part -> taken(part, taken));
        } else if (value instanceof ColumnValue.Computed computed) {
            mentioned(computed.expression(), taken);
        }
    }

    private static void taken(SplitSpec.Level level, List<List<String>> taken) {
        if (level instanceof SplitSpec.Parts parts) {
            parts.parts().stream().map(FieldPath::segments).forEach(taken::add);
        } else if (level instanceof SplitSpec.Elements elements) {
            taken.add(elements.array().segments());
        }
    }

    /** Whatever an expression names is known, even if it means something else by it. */
    private static void mentioned(Expression expression, List<List<String>> taken) {
        Matcher names = NAME.matcher(expression.text());
        while (names.find()) {
            taken.add(List.of(names.group()));
        }
    }
}

package io.sluice.platform.pipeline;

import io.sluice.platform.config.Located;
import io.sluice.platform.config.Section;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnValue.VariableName;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.SplitSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Finds a table's key, and what would make it no key at all. */
final class TableKey {

    private final Section section;
    private final ColumnsSpec columns;
    private final ProvidedColumns provided;
    private final Optional<SplitSpec> split;

    TableKey(Section section, ColumnsSpec columns, ProvidedColumns provided, Optional<SplitSpec> split) {
        this.section = section;
        this.columns = columns;
        this.provided = provided;
        this.split = split;
    }

    /** The key columns; empty where the source's own key is the target's. */
    List<String> read(boolean mongo) {
        if (!section.sets(TablePart.KEY)) {
            return unsaid(mongo);
        }
        List<Located<String>> key = section.get(TablePart.KEY).orElse(List.of());
        if (section.get(TablePart.KEY).filter(List::isEmpty).isPresent()) {
            section.problem(TablePart.KEY, "names no column", "leave it out to use the source's own key");
        }
        provided.require(section, TablePart.KEY, key);
        Set<String> names = new HashSet<>();
        for (Located<String> column : key) {
            if (!names.add(column.value())) {
                section.problem(TablePart.KEY, column.place(), "names \"" + column.value() + "\" twice", "");
            }
        }
        checkSplit(key.stream().map(Located::value).toList());
        return key.stream().map(Located::value).distinct().toList();
    }

    private List<String> unsaid(boolean mongo) {
        List<String> generated = columns.listed().stream()
                .filter(column -> column.value() instanceof ColumnValue.Generated)
                .map(ColumnSpec::name)
                .toList();
        if (generated.size() > 1) {
            section.problem(
                    "generates " + String.join(" and ", generated) + ", and nothing says which is the key",
                    "name the key's columns under key");
            return List.of();
        }
        if (section.sets(TablePart.SPLIT) || section.sets(TablePart.MAPPER)) {
            if (generated.isEmpty()) {
                section.problem(
                        "lacks the key \"key\": the source's own key does not tell these rows apart",
                        "name the key's columns under key");
            } else {
                checkSplit(generated);
            }
            return generated;
        }
        if (generated.isEmpty() && mongo && !columns.copyOthers() && !carriesId()) {
            section.problem(
                    "no column takes the documents' key",
                    "add a column with from: _id, or one with generated: uuid-from(_id)");
        }
        return generated;
    }

    private boolean carriesId() {
        return columns.listed().stream()
                .anyMatch(column -> column.value() instanceof ColumnValue.Field field
                        && field.path().equals(FieldPath.of("_id")));
    }

    private void checkSplit(List<String> key) {
        if (split.isEmpty() || key.isEmpty() || key.stream().anyMatch(provided::lacks)) {
            return;
        }
        List<SplitSpec.Level> levels = split.get().levels();
        for (int i = 0; i < levels.size(); i++) {
            SplitSpec.Level level = levels.get(i);
            int outward = levels.size() - 1 - i;
            if (!any(key, value -> tellsSiblingsApart(value, level, outward))) {
                problem(
                        "the key does not tell the rows of one parent apart",
                        "add a column with from: " + "$outer.".repeat(outward) + sibling(level));
            }
        }
        if (!any(key, value -> value instanceof ColumnValue.Field)) {
            problem("the key does not tell the rows of two parents apart", "add a column with the parent's key");
        }
    }

    private void problem(String message, String suggestion) {
        if (section.sets(TablePart.KEY)) {
            section.problem(TablePart.KEY, message, suggestion);
        } else {
            section.problem(message, suggestion);
        }
    }

    private static String sibling(SplitSpec.Level level) {
        return level instanceof SplitSpec.Elements elements
                ? elements.elementKey().map(path -> "$value." + path).orElse("$index")
                : "$part";
    }

    private static boolean tellsSiblingsApart(ColumnValue value, SplitSpec.Level level, int outward) {
        if (!(value instanceof ColumnValue.Variable variable) || variable.outward() != outward) {
            return false;
        }
        if (!(level instanceof SplitSpec.Elements elements)) {
            return variable.name() == VariableName.PART;
        }
        // The element itself, a tag say, is its own key where there is no other.
        boolean byPlace = elements.elementKey().isEmpty() && variable.name() == VariableName.INDEX;
        return byPlace
                || (variable.name() == VariableName.VALUE && variable.within().equals(elements.elementKey()));
    }

    /** Whether any key column is, or is made of, such a value; an expression or a copied column may be anything. */
    private boolean any(List<String> key, Predicate<ColumnValue> such) {
        return key.stream().anyMatch(name -> {
            Optional<ColumnValue> value = columns.column(name).map(ColumnSpec::value);
            if (value.isEmpty()) {
                return such.test(new ColumnValue.Field(FieldPath.of(name)));
            }
            if (value.get() instanceof ColumnValue.Generated generated) {
                return generated.of().stream().anyMatch(such);
            }
            return value.get() instanceof ColumnValue.Computed || such.test(value.get());
        });
    }
}

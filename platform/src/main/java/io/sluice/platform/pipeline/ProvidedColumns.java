package io.sluice.platform.pipeline;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Key;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Section;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import java.util.List;

/** Which columns a table's rows will have, as far as the file alone can tell. */
final class ProvidedColumns {

    private final ColumnsSpec columns;
    private final boolean open;

    /** @param mapper whether Java code makes the rows: then any column may come */
    ProvidedColumns(ColumnsSpec columns, boolean mapper) {
        this.columns = columns;
        this.open = mapper || columns.copyOthers() || !columns.flatten().isEmpty();
    }

    /** Whether a column certainly is not there. */
    boolean lacks(String name) {
        if (columns.column(name).isPresent()) {
            return columns.column(name).get().isDropped();
        }
        if (columns.overflow().filter(name::equals).isPresent()) {
            return false;
        }
        return !open || isRenamedAway(name);
    }

    /** A source column that another target column is made of is not copied under its own name too. */
    private boolean isRenamedAway(String name) {
        return columns.flatten().isEmpty()
                && columns.listed().stream()
                        .anyMatch(column -> column.value() instanceof ColumnValue.Field field
                                && field.path().isRoot()
                                && field.path().root().equals(name));
    }

    List<String> names() {
        return columns.listed().stream()
                .filter(column -> !column.isDropped())
                .map(ColumnSpec::name)
                .toList();
    }

    /** Reports each of these that no column provides. */
    void require(Section section, Key<?> key, List<Located<String>> wanted) {
        for (Located<String> column : wanted) {
            if (lacks(column.value())) {
                section.problem(
                        key,
                        column.place(),
                        "no column of this table is called \"" + column.value() + "\"",
                        DidYouMean.suggest(column.value(), names()));
            }
        }
    }
}

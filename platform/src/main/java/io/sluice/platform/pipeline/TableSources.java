package io.sluice.platform.pipeline;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Section;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.FieldPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes table names of a table's {@code from:}. */
final class TableSources {

    private final Section section;
    private final TableContext context;

    TableSources(Section section, TableContext context) {
        this.section = section;
        this.context = context;
    }

    /** Every table that could be made out, of a source that exists or not. */
    List<TableId> read() {
        List<Located<FieldPath>> paths = section.get(TablePart.FROM).orElse(List.of());
        if (section.get(TablePart.FROM).filter(List::isEmpty).isPresent()) {
            section.problem(TablePart.FROM, "names no table", "write source.schema.table");
        }
        List<TableId> tables = new ArrayList<>();
        for (Located<FieldPath> path : paths) {
            TableId table = table(path);
            if (table != null && tables.contains(table)) {
                section.problem(TablePart.FROM, path.place(), "names " + table + " twice", "");
            } else if (table != null) {
                tables.add(table);
            }
        }
        return List.copyOf(tables);
    }

    private @Nullable TableId table(Located<FieldPath> path) {
        List<String> segments = path.value().segments();
        String source = segments.get(0);
        boolean known = context.sources().containsKey(source);
        if (segments.size() < 3) {
            String suggestion = known || segments.size() == 1
                    ? "write source.schema.table"
                    : "write source.schema.table; sources here: "
                            + String.join(", ", context.sources().keySet());
            section.problem(
                    TablePart.FROM,
                    path.place(),
                    "\"" + path.value() + "\" has " + segments.size() + " of the three parts source.schema.table",
                    suggestion);
            return null;
        }
        if (!known) {
            section.problem(
                    TablePart.FROM,
                    path.place(),
                    "there is no source \"" + source + "\"",
                    DidYouMean.suggest(source, context.sources().keySet()));
        } else if (segments.size() > 3 && !context.isMongo(source)) {
            section.problem(
                    TablePart.FROM,
                    path.place(),
                    "\"" + path.value() + "\" has more than the three parts source.schema.table",
                    "put a name that holds a dot in double quotes");
            return null;
        }
        return new TableId(source, segments.get(1), String.join(".", segments.subList(2, segments.size())));
    }
}

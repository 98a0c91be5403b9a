package io.sluice.transform.spec;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.transform.mapping.SourceTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the source tables look like, as the files of a folder declare them; collections look all alike. */
final class TableDeclarations {

    private final Pipeline pipeline;
    private final Map<TableId, SourceTable> declared = new LinkedHashMap<>();

    TableDeclarations(Pipeline pipeline) {
        this.pipeline = pipeline;
        for (SourceSpec source : pipeline.sources()) {
            if (source.kind() == SourceSpec.Kind.MONGODB) {
                pipeline.tablesOf(source.name()).forEach(id -> declared.put(id, collection(id, false)));
            }
        }
    }

    private static SourceTable collection(TableId id, boolean imagesBefore) {
        return new SourceTable(id, new DocumentDecoder(id.table()).schema(), imagesBefore);
    }

    List<SourceTable> all() {
        return List.copyOf(declared.values());
    }

    void add(Section file) {
        file.get(SpecShapes.TABLES).orElse(List.of()).forEach(this::table);
        for (Named<Section> entry : file.get(SpecShapes.COLLECTIONS).orElse(List.of())) {
            id(entry, SourceSpec.Kind.MONGODB)
                    .ifPresent(id -> declared.put(
                            id,
                            collection(
                                    id,
                                    entry.value().get(SpecShapes.IMAGES_BEFORE).orElse(false))));
        }
    }

    private void table(Named<Section> entry) {
        Section section = entry.value();
        List<String> key = section.get(SpecShapes.KEY).orElse(List.of()).stream()
                .map(Located::value)
                .toList();
        List<Column> columns = new ArrayList<>();
        for (Named<ColumnWords> column : section.get(SpecShapes.COLUMNS).orElse(List.of())) {
            columns.add(column.value().named(column.name(), key.contains(column.name())));
        }
        List<String> names = columns.stream().map(Column::name).toList();
        boolean keyKnown = true;
        for (Located<String> part : section.get(SpecShapes.KEY).orElse(List.of())) {
            if (!names.contains(part.value())) {
                section.problem(
                        SpecShapes.KEY,
                        part.place(),
                        "no column is called \"" + part.value() + "\"",
                        DidYouMean.suggest(part.value(), names));
                keyKnown = false;
            }
        }
        Optional<TableId> id = id(entry, SourceSpec.Kind.POSTGRESQL);
        if (id.isEmpty() || !keyKnown) {
            return;
        }
        boolean keyless = !section.sets(SpecShapes.KEY);
        RowSchema row = new RowSchema(id.get().table(), columns, keyless ? names : key);
        boolean wholeBefore = section.get(SpecShapes.WHOLE_BEFORE).orElse(keyless);
        if (declared.put(id.get(), new SourceTable(id.get(), row, wholeBefore)) != null) {
            section.problemAt(entry.place(), "is declared twice", "once is enough for all files of the folder");
        }
    }

    private Optional<TableId> id(Named<Section> entry, SourceSpec.Kind kind) {
        List<TableId> known = pipeline.sources().stream()
                .filter(source -> source.kind() == kind)
                .flatMap(source -> pipeline.tablesOf(source.name()).stream())
                .toList();
        Optional<TableId> found =
                known.stream().filter(id -> id.toString().equals(entry.name())).findFirst();
        if (found.isEmpty()) {
            entry.value()
                    .problemAt(
                            entry.place(),
                            "the pipeline reads no such " + (kind == SourceSpec.Kind.MONGODB ? "collection" : "table"),
                            DidYouMean.suggest(
                                    entry.name(),
                                    known.stream().map(TableId::toString).toList()));
        }
        return found;
    }
}

package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All mappings of a service, and what its target tables are made from.
 *
 * @param targets the columns of each target table, in the file's order
 * @param problems everything that is wrong; the other parts are whole only if this is empty
 */
public record ServiceMapping(
        List<CompiledMapping> mappings, Map<TargetTable, RowSchema> targets, List<MappingProblem> problems) {

    static ServiceMapping compile(ServiceSpec service, Collection<SourceTable> sources, Baselines baselines) {
        List<CompiledMapping> mappings = new ArrayList<>();
        Map<TargetTable, RowSchema> targets = new LinkedHashMap<>();
        List<MappingProblem> problems = new ArrayList<>();
        for (TableSpec table : service.tables()) {
            for (SourceTable source : sources) {
                if (!table.from().contains(source.id())) {
                    continue;
                }
                Compilation compilation = Mapping.compile(service, table, baselines.seenBy(table.target(), source));
                if (compilation instanceof Compilation.Refused refused) {
                    refused.problems().stream()
                            .filter(problem -> !problems.contains(problem))
                            .forEach(problems::add);
                } else if (compilation instanceof Compilation.Compiled compiled) {
                    mappings.add(compiled.mapping());
                    join(service, table, compiled.mapping(), targets, problems);
                }
            }
        }
        return new ServiceMapping(List.copyOf(mappings), targets, List.copyOf(problems));
    }

    private static void join(
            ServiceSpec service,
            TableSpec table,
            CompiledMapping mapping,
            Map<TargetTable, RowSchema> targets,
            List<MappingProblem> problems) {
        RowSchema other = targets.get(table.target());
        RowSchema joined = mapping.target();
        if (other != null) {
            if (!keyOf(other).equals(keyOf(joined))) {
                problems.add(new MappingProblem(
                        table.place(),
                        Mapping.path(service, table, mapping.source()),
                        "its sources do not agree on its key: one has (" + String.join(", ", other.keyColumns())
                                + "), another (" + String.join(", ", joined.keyColumns()) + ")",
                        "say with key: which columns, in which order, of one type everywhere and never null"));
                return;
            }
            List<Column> columns = new ArrayList<>();
            for (Column column : other.columns()) {
                int at = joined.indexOf(column.name());
                Column same = at < 0 ? null : joined.column(at);
                if (same == null
                        || !same.type().equals(column.type())
                        || !same.declared().equals(column.declared())) {
                    problems.add(disagreement(service, table, column.name(), mapping));
                } else {
                    columns.add(new Column(
                            column.name(), column.type(), column.declared(), column.nullable() || same.nullable()));
                }
            }
            for (Column column : joined.columns()) {
                if (other.indexOf(column.name()) < 0) {
                    problems.add(disagreement(service, table, column.name(), mapping));
                }
            }
            joined = columns.size() == other.size() ? new RowSchema(other.name(), columns, other.keyColumns()) : other;
        }
        targets.put(table.target(), joined);
    }

    /** Keys that are equal must be written alike, or changes of one row would go different ways. */
    private static List<Object> keyOf(RowSchema rows) {
        List<Object> key = new ArrayList<>();
        for (Column column : rows.keySchema().columns()) {
            key.add(column.name());
            key.add(column.nullable());
        }
        return key;
    }

    private static MappingProblem disagreement(
            ServiceSpec service, TableSpec table, String column, CompiledMapping mapping) {
        return new MappingProblem(
                table.place(),
                Mapping.path(service, table, mapping.source()),
                "its sources do not agree on column " + column,
                "list it under columns: with a type that all of them fit");
    }
}

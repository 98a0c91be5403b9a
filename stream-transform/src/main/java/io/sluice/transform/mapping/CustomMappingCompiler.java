package io.sluice.transform.mapping;

import io.sluice.schemas.mapper.MappedColumn;
import io.sluice.schemas.mapper.RowMapper;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.MapperSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.transform.mapping.custom.CustomRows;
import io.sluice.transform.mapping.custom.MapperLoader;
import io.sluice.transform.mapping.custom.UnusableMapperException;
import io.sluice.transform.mapping.value.SqlType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Loads one mapper and checks what it says of its table. What it does to rows is checked row by row. */
final class CustomMappingCompiler {

    private final ServiceSpec service;
    private final TableSpec table;
    private final SourceTable source;
    private final MapperSpec spec;
    private final List<MappingProblem> problems;

    CustomMappingCompiler(ServiceSpec service, TableSpec table, SourceTable source, MapperSpec spec) {
        this.service = service;
        this.table = table;
        this.source = source;
        this.spec = spec;
        this.problems = new ArrayList<>(Unsupported.of(service, table));
    }

    Compilation compile() {
        table.where().ifPresent(where -> beside(where.place(), ".where"));
        if (!table.rules().isEmpty()) {
            beside(table.place(), ".rules");
        }
        try {
            RowMapper mapper = MapperLoader.load(spec);
            Columns columns = columns(mapper.columns(source.row()));
            List<String> key = key(columns);
            if (problems.isEmpty()) {
                RowSchema target = new RowSchema(table.target().table(), required(columns.made, key), key);
                boolean keepsKey = keepsSourceKey(target);
                keyIsSafe(target, keepsKey);
                CustomRows rows = new CustomRows(mapper, table.target(), target, columns.types, keepsKey);
                if (problems.isEmpty()) {
                    return new Compilation.Compiled(
                            new CustomMapping(source, table.target(), rows, keepsKey),
                            new DriftCompiler(table, source).ofMapper());
                }
            }
        } catch (UnusableMapperException e) {
            problem(e.problem(), e.remedy());
        } catch (RuntimeException | LinkageError e) {
            problem(spec.className() + ".columns fails with " + e.getClass().getName(), "");
        }
        return new Compilation.Refused(problems);
    }

    private record Columns(List<Column> made, List<SqlType> types) {

        Optional<Column> named(String name) {
            return made.stream().filter(column -> column.name().equals(name)).findFirst();
        }
    }

    private Columns columns(List<MappedColumn> declared) {
        Columns columns = new Columns(new ArrayList<>(), new ArrayList<>());
        for (MappedColumn column : declared) {
            Optional<SqlType> type = SqlType.parse(column.type());
            if (columns.named(column.name()).isPresent()) {
                problem(spec.className() + " declares column " + column.name() + " twice", "");
            } else if (type.isEmpty()) {
                problem(
                        spec.className() + " declares column " + column.name() + " of a type that we don't know, "
                                + column.type(),
                        "");
            } else {
                columns.made.add(
                        new Column(column.name(), type.get().type(), type.get().declared(), column.nullable()));
                columns.types.add(type.get());
            }
        }
        if (declared.isEmpty()) {
            problem(spec.className() + " declares no columns", "");
        }
        table.write().update().forEach(name -> exists(columns, name, table.place(), ".on-conflict.update"));
        ConflictSpec conflict = table.conflict();
        conflict.by().ifPresent(name -> exists(columns, name, conflict.place(), ".conflict.by"));
        table.hypertable()
                .ifPresent(hypertable -> exists(columns, hypertable.time(), hypertable.place(), ".hypertable.time"));
        return columns;
    }

    private void exists(Columns columns, String name, Place place, String setting) {
        if (columns.named(name).isEmpty()) {
            problems.add(
                    new MappingProblem(place, path() + setting, spec.className() + " declares no column " + name, ""));
        }
    }

    /** As the file says; else the source's own key, under its own names. */
    private List<String> key(Columns columns) {
        List<String> key = table.key().isEmpty() ? source.row().keyColumns() : table.key();
        for (String name : key) {
            Optional<Column> column = columns.named(name);
            if (column.isEmpty()) {
                problem(spec.className() + " declares no column " + name + ", which is to be in the key", "");
            } else if (column.get().type().mayBeWrittenDifferently()) {
                problem(
                        "column " + name + " of type " + column.get().declared()
                                + " can't be in the key: equal values of it may be written differently",
                        "");
            }
        }
        if (key.isEmpty()) {
            problem(source.id() + " has no key", "say with key: which columns tell the rows apart");
        }
        return key;
    }

    private static List<Column> required(List<Column> columns, List<String> key) {
        return columns.stream()
                .map(column -> key.contains(column.name())
                        ? new Column(column.name(), column.type(), column.declared(), false)
                        : column)
                .toList();
    }

    /** Whether each row carries the source's own key; that it does so unaltered is checked of every row. */
    private boolean keepsSourceKey(RowSchema target) {
        RowSchema own = source.row();
        return own.hasKey()
                && own.keyColumns().stream()
                        .allMatch(name -> target.keyColumns().contains(name)
                                && target.column(target.indexOf(name))
                                        .type()
                                        .equals(own.column(own.indexOf(name)).type()));
    }

    private void keyIsSafe(RowSchema target, boolean keepsKey) {
        Set<String> own = new HashSet<>(source.row().keyColumns());
        boolean ownKeyAlone = keepsKey && own.equals(new HashSet<>(target.keyColumns()));
        if (!ownKeyAlone && !source.wholeBefore()) {
            problem(
                    "the key is not that of " + source.id()
                            + ", which does not tell what a row was before: rows that it leaves behind could not be told",
                    "make the key of the source's own, or have the source tell the whole row before (REPLICA IDENTITY FULL)");
        }
        if (!keepsKey && service.partitionsOf(source.id()) != 1) {
            problem(
                    "the key does not hold the whole key of " + source.id()
                            + " under its own names, so changes of one target row could overtake each other",
                    "take the source's key into it, or set `partitions: 1` on every table of this service that reads it");
        }
        boolean apart = table.disjointKeys() || table.conflict().resolve() == ConflictSpec.Resolution.LAST_WRITE_WINS;
        if (table.hasSeveralSources() && !apart) {
            problem(
                    "its sources may give the same key, and then the later record would win, not the later change",
                    "promise `disjoint-keys: true`, or let the last write win");
        }
    }

    private void beside(Place place, String setting) {
        problems.add(new MappingProblem(
                place, path() + setting, "stands beside mapper, which makes the whole row", "have the mapper do it"));
    }

    private void problem(String message, String remedy) {
        problems.add(new MappingProblem(spec.place(), path() + ".mapper", message, remedy));
    }

    private String path() {
        TableId id = source.id();
        return Mapping.path(service, table, id);
    }
}

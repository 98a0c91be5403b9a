package io.sluice.platform.pipeline;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What only shows when the file is looked at as a whole. */
final class PipelineChecks {

    private final Section root;
    private final List<Named<Section>> sourceEntries;
    private final List<SourceSpec> sources;
    private final List<ServicePart.Draft> services;

    PipelineChecks(
            Section root,
            List<Named<Section>> sourceEntries,
            List<SourceSpec> sources,
            List<ServicePart.Draft> services) {
        this.root = root;
        this.sourceEntries = sourceEntries;
        this.sources = sources;
        this.services = services;
    }

    void run() {
        oneWriterPerTable();
        sourceIsNotTarget();
        everySourceIsRead();
        sources.forEach(this::everyExpectedTableIsRead);
    }

    private record Written(String database, TargetTable table) {}

    private void oneWriterPerTable() {
        Map<Written, ServicePart.Draft> writers = new HashMap<>();
        for (ServicePart.Draft service : services) {
            for (TableSpec table : service.tables()) {
                service.target().ifPresent(target -> {
                    Written written = new Written(database(target.connection()), table.target());
                    ServicePart.Draft earlier = writers.putIfAbsent(written, service);
                    if (earlier != null
                            && !earlier.entry().name().equals(service.entry().name())) {
                        service.entry()
                                .value()
                                .problem(
                                        ServicePart.TABLES,
                                        table.place(),
                                        "the service " + earlier.entry().name() + " writes \"" + table.target()
                                                + "\" of the same database too",
                                        "a table has one writer: give one of them another table or database");
                    }
                });
            }
        }
    }

    /** A table that feeds itself would never come to rest. */
    private void sourceIsNotTarget() {
        for (ServicePart.Draft service : services) {
            for (TableSpec table : service.tables()) {
                for (TableId from : table.from()) {
                    boolean same = from.schema().equals(table.target().schema())
                            && from.table().equals(table.target().table())
                            && service.target().isPresent()
                            && source(from.source())
                                    .filter(source -> source.kind() == SourceSpec.Kind.POSTGRESQL)
                                    .filter(source -> database(source.connection())
                                            .equals(database(
                                                    service.target().get().connection())))
                                    .isPresent();
                    if (same) {
                        service.entry()
                                .value()
                                .problem(
                                        ServicePart.TABLES,
                                        table.place(),
                                        "reads and writes one and the same table",
                                        "write to another table or database");
                    }
                }
            }
        }
    }

    private Optional<SourceSpec> source(String name) {
        return sources.stream().filter(source -> source.name().equals(name)).findFirst();
    }

    private void everySourceIsRead() {
        // Where nothing could be read of a service, it may well be the one that reads the source.
        boolean complete = services.stream()
                .allMatch(service -> service.tables().size()
                        == service.entry()
                                .value()
                                .get(ServicePart.TABLES)
                                .orElse(List.of())
                                .size());
        if (!complete || services.isEmpty()) {
            return;
        }
        for (Named<Section> entry : sourceEntries) {
            if (reads().noneMatch(table -> table.source().equals(entry.name()))) {
                root.problem(
                        PipelinePart.SOURCES_KEY,
                        entry.place(),
                        "no table reads from \"" + entry.name() + "\"",
                        "use it or leave it out");
            }
        }
    }

    private Stream<TableId> reads() {
        return services.stream().flatMap(service -> service.tables().stream()).flatMap(table -> table.from().stream());
    }

    private void everyExpectedTableIsRead(SourceSpec source) {
        Section section = sourceEntries.stream()
                .filter(entry -> entry.name().equals(source.name()))
                .findFirst()
                .map(Named::value)
                .orElse(root);
        List<String> serviceNames =
                services.stream().map(service -> service.entry().name()).toList();
        for (SourceSpec.ExpectedTable expected : source.expected()) {
            String table = expected.table().schema() + "." + expected.table().table();
            if (expected.owner().isEmpty()) {
                if (reads().noneMatch(expected.table()::equals)) {
                    section.problem(
                            SourcePart.EXPECT,
                            expected.place(),
                            "no service reads " + table,
                            "give it to a service, or name it under ignore");
                }
                continue;
            }
            String owner = expected.owner().get();
            Optional<ServicePart.Draft> service = services.stream()
                    .filter(draft -> draft.entry().name().equals(owner))
                    .findFirst();
            if (service.isEmpty()) {
                section.problem(
                        SourcePart.OWNERS,
                        expected.place(),
                        "there is no service \"" + owner + "\" to own " + table,
                        DidYouMean.suggest(owner, serviceNames));
            } else if (service.get().tables().stream()
                    .noneMatch(reader -> reader.from().contains(expected.table()))) {
                section.problem(
                        SourcePart.OWNERS,
                        expected.place(),
                        owner + " owns " + table + " and does not read it",
                        "add it to the tables of " + owner);
            }
        }
        for (TableId ignored : source.ignored()) {
            if (reads().anyMatch(ignored::equals)) {
                section.problem(
                        SourcePart.IGNORE,
                        ignored.schema() + "." + ignored.table() + " is ignored and read all the same",
                        "leave it out of one");
            }
        }
    }

    /** Two spellings of one database are one. */
    private static String database(ConnectionSpec connection) {
        String address = connection.address().toLowerCase(Locale.ROOT);
        int slash = address.indexOf('/');
        String host = slash < 0 ? address : address.substring(0, slash);
        String name = connection.address().substring(slash < 0 ? address.length() : slash);
        return (host.contains(":") ? host : host + ":5432") + name;
    }
}

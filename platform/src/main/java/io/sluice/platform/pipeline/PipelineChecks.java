package io.sluice.platform.pipeline;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What only shows when the file is looked at as a whole. */
final class PipelineChecks {

    private final List<Named<Section>> sourceEntries;
    private final List<SourceSpec> sources;
    private final List<ServicePart.Draft> services;

    PipelineChecks(List<Named<Section>> sourceEntries, List<SourceSpec> sources, List<ServicePart.Draft> services) {
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
        Map<Written, String> writers = new HashMap<>();
        for (ServicePart.Draft service : services) {
            String name = service.entry().name();
            for (ServicePart.DraftTable table : service.tables()) {
                TableSpec spec = table.spec();
                Optional<String> earlier = service.target()
                        .map(target -> new Written(database(target.connection()), spec.target()))
                        .map(written -> writers.putIfAbsent(written, name));
                if (earlier.isPresent() && !earlier.get().equals(name)) {
                    table.section()
                            .problemAt(
                                    spec.place(),
                                    "the service " + earlier.get() + " writes \"" + spec.target()
                                            + "\" of the same database too",
                                    "a table has one writer: give one of them another table or database");
                }
            }
        }
    }

    /** A table that feeds itself would never come to rest. */
    private void sourceIsNotTarget() {
        for (ServicePart.Draft service : services) {
            for (ServicePart.DraftTable table : service.tables()) {
                TableSpec spec = table.spec();
                boolean same = service.target().isPresent()
                        && spec.from().stream()
                                .anyMatch(from -> from.schema()
                                                .equals(spec.target().schema())
                                        && from.table().equals(spec.target().table())
                                        && isDatabase(
                                                from.source(), service.target().get()));
                if (same) {
                    table.section()
                            .problemAt(
                                    spec.place(),
                                    "reads and writes one and the same table",
                                    "write to another table or database");
                }
            }
        }
    }

    private boolean isDatabase(String source, TargetSpec target) {
        return source(source)
                .filter(spec -> spec.kind() == SourceSpec.Kind.POSTGRESQL)
                .filter(spec -> database(spec.connection()).equals(database(target.connection())))
                .isPresent();
    }

    private Optional<SourceSpec> source(String name) {
        return sources.stream().filter(source -> source.name().equals(name)).findFirst();
    }

    private void everySourceIsRead() {
        List<String> names = sourceEntries.stream().map(Named::name).toList();
        // Where a table could not be read, or names a source that is not there, that may well be the one that reads it.
        boolean complete = services.stream().allMatch(ServicePart.Draft::complete)
                && reads().allMatch(table -> names.contains(table.source()));
        if (!complete || services.isEmpty()) {
            return;
        }
        for (Named<Section> entry : sourceEntries) {
            if (reads().noneMatch(table -> table.source().equals(entry.name()))) {
                entry.value().problemAt(entry.place(), "no table reads from this source", "use it or leave it out");
            }
        }
    }

    private Stream<TableId> reads() {
        return services.stream()
                .flatMap(service -> service.tables().stream())
                .flatMap(table -> table.spec().from().stream());
    }

    private void everyExpectedTableIsRead(SourceSpec source) {
        Section section = sourceEntries.stream()
                .filter(entry -> entry.name().equals(source.name()))
                .findFirst()
                .map(Named::value)
                .orElseThrow();
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
            } else if (!service.get().reads(expected.table())) {
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

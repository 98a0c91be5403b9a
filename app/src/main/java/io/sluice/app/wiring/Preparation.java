package io.sluice.app.wiring;

import io.sluice.platform.error.SluiceException;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicCheck;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.sink.SinkStage;
import io.sluice.sink.sql.TableExtras;
import io.sluice.sink.sql.TargetSequences;
import io.sluice.source.engine.PostgresSource;
import io.sluice.source.mongo.MongoSource;
import io.sluice.transform.mapping.ServiceMapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Everything that is looked at before a pipeline starts, in one list, and then what is made. {@code plan} shows what
 * {@code run} acts by.
 */
final class Preparation {

    private final Pipeline pipeline;
    private final Servers servers;
    private final Stages stages;
    private final List<TopicSpec> topics;
    private final SourceCatalogs catalogs;
    private final MappingVersions versions;
    private final Map<String, Map<TargetTable, RowSchema>> targets = new LinkedHashMap<>();
    private final Map<String, Map<TargetTable, TableExtras>> extras = new LinkedHashMap<>();

    private Preparation(
            Pipeline pipeline,
            Servers servers,
            Stages stages,
            List<TopicSpec> topics,
            SourceCatalogs catalogs,
            MappingVersions versions) {
        this.pipeline = pipeline;
        this.servers = servers;
        this.stages = stages;
        this.topics = topics;
        this.catalogs = catalogs;
        this.versions = versions;
    }

    /** What this process is to run, by name. */
    record Stages(
            Set<Role> roles,
            Map<String, PostgresSource> sources,
            Map<String, MongoSource> documents,
            Map<String, SinkStage> sinks) {}

    /** Reads what mappings are compiled from. */
    static Preparation read(
            Pipeline pipeline, Servers servers, Stages stages, List<TopicSpec> topics, ChangedMapping decision) {
        return new Preparation(
                pipeline,
                servers,
                stages,
                topics,
                SourceCatalogs.read(pipeline),
                MappingVersions.read(pipeline, servers, decision));
    }

    /** Finds, all at once, what is wrong and what is missing; changes nothing. */
    Preflight look() {
        Preflight found = mappings();
        try (TopicAdmin admin = TopicAdmin.open(servers.kafka())) {
            for (SourceSpec source : pipeline.sources()) {
                found = found.and(source(
                        source,
                        admin.exists(
                                new TopicLayout(pipeline).sourceState(source).name())));
            }
            found = found.and(
                    new TopicCheck(admin).run(topics, pipeline.topics().replication()));
        }
        found = found.and(registry());
        for (Map.Entry<String, SinkStage> each : stages.sinks().entrySet()) {
            found = found.and(sink(each.getKey(), each.getValue()));
        }
        return found;
    }

    private Preflight mappings() {
        List<Finding> findings = new ArrayList<>();
        // Without its source a sink can still write what is in the topics, if its tables were made before.
        if (stages.roles().contains(Role.SOURCE)) {
            findings.addAll(catalogs.unreachable().values());
        }
        for (ServiceSpec service : pipeline.services()) {
            ServiceMapping mapping = versions.compile(service, catalogs.tables());
            mapping.problems()
                    .forEach(problem -> findings.add(Finding.error(
                            problem.place() + " " + problem.path(), problem.message(), sentence(problem.remedy()))));
            targets.put(service.name(), mapping.targets());
            extras.put(service.name(), catalogs.extras(service, mapping.targets()));
            findings.addAll(versions.compare(service, mapping, catalogs.tables()));
            catalogs.numbered(service, mapping.targets())
                    .forEach(
                            (table, columns) -> findings.addAll(of(service.name(), List.of(numbered(table, columns)))));
        }
        return Preflight.found(findings);
    }

    private static Finding numbered(TargetTable table, List<TargetSequences.Numbered> columns) {
        return new Finding(
                Finding.Severity.INFO,
                "table " + table,
                "its source numbers "
                        + columns.stream().map(TargetSequences.Numbered::column).collect(Collectors.joining(", "))
                        + " from a sequence, and how far that is does not come along",
                "At the cutover, once nobody writes to the source any more: `sluice sequences FILE --apply`.");
    }

    private static String sentence(String remedy) {
        return remedy.isEmpty()
                ? remedy
                : remedy.substring(0, 1).toUpperCase(Locale.ROOT)
                        + remedy.substring(1)
                        + (remedy.endsWith(".") ? "" : ".");
    }

    private Preflight source(SourceSpec spec, boolean begun) {
        String place = "source " + spec.name();
        PostgresSource source = stages.sources().get(spec.name());
        MongoSource documents = stages.documents().get(spec.name());
        if (source != null && !catalogs.unreachable().containsKey(spec.name())) {
            return answered(place, () -> source.look(begun));
        }
        return documents == null ? Preflight.NONE : answered(place, () -> documents.look(begun));
    }

    private Preflight sink(String service, SinkStage sink) {
        Preflight looked = answered(
                "its target",
                () -> sink.look(targets.getOrDefault(service, Map.of()), extras.getOrDefault(service, Map.of())));
        return new Preflight(of(service, looked.findings()), looked.creations());
    }

    private static List<Finding> of(String service, List<Finding> findings) {
        return findings.stream()
                .map(finding -> finding.at("service " + service + ", " + finding.place()))
                .toList();
    }

    /** Stages wait for a registry that is away, and one may keep its settings from us: whether it takes schemas shows later. */
    private Preflight registry() {
        try {
            servers.schemas().level();
            return Preflight.NONE;
        } catch (SluiceException e) {
            Finding finding = Finding.of("registry", e);
            return Preflight.found(List.of(Finding.warning(finding.place(), finding.problem(), finding.remedy())));
        }
    }

    /** A server that can't be asked keeps nobody from asking the others. */
    private static Preflight answered(String place, Supplier<Preflight> look) {
        try {
            return look.get();
        } catch (SluiceException e) {
            return Preflight.found(List.of(Finding.of(place, e)));
        }
    }

    /** Creates what is missing: topics, publications, target tables, ledgers. After a look without errors; idempotent. */
    List<Finding> make() {
        try (TopicAdmin admin = TopicAdmin.open(servers.kafka())) {
            admin.createMissing(topics, pipeline.topics().replication());
        }
        stages.sources().values().forEach(PostgresSource::prepare);
        List<Finding> findings = new ArrayList<>();
        stages.sinks()
                .forEach((service, sink) -> findings.addAll(of(
                        service,
                        sink.prepare(
                                targets.getOrDefault(service, Map.of()), extras.getOrDefault(service, Map.of())))));
        return findings;
    }

    /** Takes the mappings for those that rows are made by from now on. */
    void keep() {
        versions.keep();
    }
}

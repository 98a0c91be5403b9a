package io.sluice.app.wiring;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.transform.mapping.Mapping;
import io.sluice.transform.mapping.ServiceMapping;
import io.sluice.transform.mapping.SourceTable;
import io.sluice.transform.mapping.version.MappingChange;
import io.sluice.transform.mapping.version.TableVersion;
import io.sluice.transform.version.VersionTopic;
import io.sluice.transform.version.Versions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares the mappings with those that the pipeline was last begun with, so that no table becomes half old and half new without
 * a word, and keeps what they are now.
 */
final class MappingVersions {

    private final Pipeline pipeline;
    private final Servers servers;
    private final VersionTopic topic;
    private final Versions kept;
    private final ChangedMapping decision;
    private final Map<Versions.Of, TableVersion> changed = new LinkedHashMap<>();
    private final Set<TableId> rebuilt = new LinkedHashSet<>();

    private MappingVersions(
            Pipeline pipeline, Servers servers, VersionTopic topic, Versions kept, ChangedMapping decision) {
        this.pipeline = pipeline;
        this.servers = servers;
        this.topic = topic;
        this.kept = kept;
        this.decision = decision;
    }

    static MappingVersions read(Pipeline pipeline, Servers servers, ChangedMapping decision) {
        String name = new Names(pipeline.name()).mappings();
        VersionTopic topic = new VersionTopic(servers.kafka(), name);
        boolean exists;
        try (TopicAdmin admin = TopicAdmin.open(servers.kafka())) {
            exists = admin.exists(name);
        }
        return new MappingVersions(pipeline, servers, topic, exists ? topic.read() : Versions.NONE, decision);
    }

    ServiceMapping compile(ServiceSpec service, Collection<SourceTable> sources) {
        return Mapping.compile(service, sources, kept.baselines(service));
    }

    /** What has changed since; an error where somebody has to decide. */
    List<Finding> compare(ServiceSpec service, ServiceMapping mapping, Collection<SourceTable> sources) {
        List<Finding> findings = new ArrayList<>();
        for (TableSpec table : service.tables()) {
            RowSchema rows = mapping.targets().get(table.target());
            List<SourceTable> from = sources.stream()
                    .filter(source -> table.from().contains(source.id()))
                    .toList();
            // Without its source a mapping can't be told; what is kept of it stays.
            if (rows == null || from.size() < table.from().size()) {
                continue;
            }
            Versions.Of of = new Versions.Of(service.name(), table.target());
            Optional<TableVersion> old = kept.of(service.name(), table.target());
            TableVersion now = TableVersion.of(table, rows, from, old);
            if (!old.equals(Optional.of(now))) {
                changed.put(of, now);
            }
            old.ifPresent(before -> MappingChange.between(before, now)
                    .forEach(change -> findings.add(finding(service, table, change))));
        }
        return findings;
    }

    private Finding finding(ServiceSpec service, TableSpec table, MappingChange change) {
        String place = pipeline.placeOf("services." + service.name() + ".tables." + table.target()) + " table "
                + table.target() + " of service " + service.name();
        String what = "its mapping has changed: " + change.what();
        return switch (change.effect()) {
            case NONE -> new Finding(Finding.Severity.INFO, place, what, "Nothing need be done.");
            case FROM_NOW_ON -> Finding.warning(place, what, "That holds for changes from now on.");
            case REBUILD -> rebuild(table, place, what);
        };
    }

    private Finding rebuild(TableSpec table, String place, String what) {
        String backfill = table.from().stream()
                .map(source -> "`sluice backfill FILE --table " + source + "`")
                .collect(Collectors.joining(" and "));
        return switch (decision) {
            case REFUSE ->
                Finding.error(
                        place,
                        what,
                        "Rows that are there stay as the old mapping made them. Start with `--changed-mapping rebuild` to "
                                + "have them made anew from their source, or with `--changed-mapping keep` to leave "
                                + "them, or take the change back.");
            case KEEP ->
                Finding.warning(
                        place, what, "Rows from before stay as the old mapping made them, until " + backfill + ".");
            case REBUILD -> {
                rebuilt.addAll(table.from());
                yield Finding.warning(place, what, "It is made anew: " + backfill + " is asked for.");
            }
        };
    }

    /**
     * Keeps what the mappings are now. What is to be read again is asked for before: whoever is killed in between is asked
     * again.
     */
    void keep() {
        LoadRequests requests = new LoadRequests(pipeline, servers);
        for (TableId table : rebuilt) {
            try {
                requests.send(table, false);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EnvironmentException(
                        "KAFKA_UNAVAILABLE", "the start was broken off", null, "Start again: nothing has changed.", e);
            }
        }
        topic.write(changed);
    }
}

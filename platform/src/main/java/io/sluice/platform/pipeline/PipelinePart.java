package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.RegistrySpec;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.Setting;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TopicsSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The file as a whole. */
final class PipelinePart {

    private static final int MEBIBYTE = 1 << 20;

    static final Key<Secret> CONTROL_POSTGRESQL =
            Key.required("postgresql", DatabaseUrl.postgresql(), "A PostgreSQL database, by its URL.");
    static final Shape CONTROL = new Shape(
            "control",
            "The database that keeps progress, results and the audit log, in the schema `sluice_control`.",
            Stream.concat(Stream.of(CONTROL_POSTGRESQL), ConnectionPart.KEYS.stream())
                    .<Key<?>>map(key -> key)
                    .toList());

    static final Key<String> PIPELINE = Key.required(
            "pipeline",
            Words.pipelineName(),
            "The pipeline's name: the first part of every topic's. a-z, 0-9 and -, a letter first. Never changed later.");
    static final Key<Section> KAFKA_KEY = Key.optional(
            "kafka",
            KafkaPart.SHAPE,
            "an embedded one, with its data in `.sluice/` beside the file",
            "The Kafka cluster.");
    static final Key<Section> REGISTRY_KEY =
            Key.optional("registry", RegistryPart.SHAPE, "an embedded one", "The Schema Registry.");
    static final Key<Section> CONTROL_KEY =
            Key.optional("control", CONTROL, "an embedded one", "Where progress and results are kept.");
    static final Key<Section> TOPICS_KEY =
            Key.optional("topics", TopicsPart.SHAPE, "every default", "How topics are created.");
    static final Key<Integer> MAX_RECORD = Key.optional(
            "max-record",
            Types.bytes(MEBIBYTE, 512 * MEBIBYTE),
            "32MiB",
            "The largest record. Drives message, request and fetch limits alike; a larger one halts or is parked, never skipped.");
    static final Key<List<Named<Section>>> SOURCES_KEY = Key.required(
            "sources",
            new MapType<>(Words.name("source"), SourcePart.SHAPE),
            "The databases that changes are read from, by name.");
    static final Key<List<Named<Section>>> SERVICES_KEY = Key.required(
            "services",
            new MapType<>(Words.name("service"), ServicePart.SHAPE),
            "The services that take them, by name.");

    static final Shape SHAPE = new Shape(
            "pipeline",
            "A pipeline file: one file describes one migration.",
            List.of(PIPELINE, KAFKA_KEY, REGISTRY_KEY, CONTROL_KEY, TOPICS_KEY, MAX_RECORD, SOURCES_KEY, SERVICES_KEY));

    private PipelinePart() {}

    /** The pipeline as far as it could be read; it counts only if no problem was found. */
    static Optional<Pipeline> read(Section root, List<Setting> settings, ExpressionChecker expressions) {
        Map<String, Optional<SourceSpec.Kind>> kinds = new LinkedHashMap<>();
        List<Named<Section>> sourceEntries = root.get(SOURCES_KEY).orElse(List.of());
        List<Named<Section>> serviceEntries = root.get(SERVICES_KEY).orElse(List.of());
        sourceEntries.forEach(entry -> kinds.put(entry.name(), SourcePart.kind(entry.value())));
        requireSome(root, SOURCES_KEY, "source");
        requireSome(root, SERVICES_KEY, "service");

        List<SourceSpec> sources = new ArrayList<>();
        sourceEntries.forEach(entry -> SourcePart.read(entry).ifPresent(sources::add));
        List<ServicePart.Draft> drafts = serviceEntries.stream()
                .map(entry -> ServicePart.read(entry, kinds, expressions))
                .toList();
        new PipelineChecks(sourceEntries, sources, drafts).run();

        Optional<KafkaSpec> kafka = root.get(KAFKA_KEY).flatMap(KafkaPart::read);
        Optional<RegistrySpec> registry = root.get(REGISTRY_KEY).flatMap(RegistryPart::read);
        Optional<ConnectionSpec> control = root.get(CONTROL_KEY).flatMap(section -> section.get(CONTROL_POSTGRESQL)
                .map(url -> ConnectionPart.read(section, url, section.place(CONTROL_POSTGRESQL))));
        TopicsSpec topics = root.get(TOPICS_KEY).map(TopicsPart::read).orElse(TopicsSpec.DEFAULT);
        int maxRecord = root.get(MAX_RECORD).orElse(Pipeline.DEFAULT_MAX_RECORD_BYTES);
        List<ServiceSpec> services =
                drafts.stream().flatMap(draft -> draft.spec().stream()).toList();
        return root.get(PIPELINE)
                .map(name -> new Pipeline(
                        name, kafka, registry, control, topics, maxRecord, sources, services, settings, root.place()));
    }

    private static void requireSome(Section root, Key<List<Named<Section>>> key, String what) {
        if (root.get(key).filter(List::isEmpty).isPresent()) {
            root.problem(key, "names no " + what, "a pipeline has at least one");
        }
    }
}

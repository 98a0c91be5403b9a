package io.sluice.schemas.pipeline;

import io.sluice.schemas.model.TableId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A migration, whole.
 *
 * @param kafka empty: embedded
 * @param registry empty: embedded
 * @param control empty: embedded
 * @param maxRecordBytes the largest record that any hop takes
 * @param settings every key that the file sets, in its order: for who must refuse one, and point at it
 */
public record Pipeline(
        String name,
        Optional<KafkaSpec> kafka,
        Optional<RegistrySpec> registry,
        Optional<ConnectionSpec> control,
        TopicsSpec topics,
        int maxRecordBytes,
        List<SourceSpec> sources,
        List<ServiceSpec> services,
        List<Setting> settings,
        Place place) {

    public static final int DEFAULT_MAX_RECORD_BYTES = 32 * 1024 * 1024;

    public Pipeline {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kafka, "kafka");
        Objects.requireNonNull(registry, "registry");
        Objects.requireNonNull(control, "control");
        Objects.requireNonNull(topics, "topics");
        sources = List.copyOf(sources);
        services = List.copyOf(services);
        settings = List.copyOf(settings);
        Objects.requireNonNull(place, "place");
    }

    /** On embedded servers, every default in force. */
    public static Pipeline of(String name, List<SourceSpec> sources, List<ServiceSpec> services) {
        return new Pipeline(
                name,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                TopicsSpec.DEFAULT,
                DEFAULT_MAX_RECORD_BYTES,
                sources,
                services,
                List.of(),
                Place.NOWHERE);
    }

    public Optional<SourceSpec> source(String sourceName) {
        return sources.stream()
                .filter(source -> source.name().equals(sourceName))
                .findFirst();
    }

    public Optional<ServiceSpec> service(String serviceName) {
        return services.stream()
                .filter(service -> service.name().equals(serviceName))
                .findFirst();
    }

    /** The tables of this source that any service reads, each once, in the file's order. */
    public List<TableId> tablesOf(String sourceName) {
        return services.stream()
                .flatMap(service -> service.reads().stream())
                .filter(table -> table.source().equals(sourceName))
                .distinct()
                .toList();
    }

    /** The services that read this table. */
    public List<ServiceSpec> readersOf(TableId table) {
        return services.stream()
                .filter(service -> service.reads().contains(table))
                .toList();
    }

    /** Where this path is set, or the nearest thing around it that is. */
    public Place placeOf(String path) {
        for (String at = path; !at.isEmpty(); at = at.substring(0, Math.max(0, at.lastIndexOf('.')))) {
            for (Setting setting : settings) {
                if (setting.path().equals(at)) {
                    return setting.place();
                }
            }
        }
        return place;
    }
}

package io.sluice.localstack.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/** What has happened to the catalog, as the log keeps it. A component's name is part of the file's format. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RegistryEvent.Registered.class, name = "registered"),
    @JsonSubTypes.Type(value = RegistryEvent.VersionDeleted.class, name = "version-deleted"),
    @JsonSubTypes.Type(value = RegistryEvent.SubjectDeleted.class, name = "subject-deleted"),
    @JsonSubTypes.Type(value = RegistryEvent.LevelSet.class, name = "level-set"),
    @JsonSubTypes.Type(value = RegistryEvent.ModeSet.class, name = "mode-set")
})
@JsonInclude(JsonInclude.Include.NON_NULL)
sealed interface RegistryEvent {

    /** @param schema null where the id is known already */
    record Registered(String subject, int version, int id, @Nullable String schema) implements RegistryEvent {}

    record VersionDeleted(String subject, int version, boolean permanent) implements RegistryEvent {}

    record SubjectDeleted(String subject, boolean permanent) implements RegistryEvent {}

    /**
     * @param subject null for the level of all subjects without one of their own
     * @param level null to take it away
     */
    record LevelSet(@Nullable String subject, @Nullable CompatibilityLevel level) implements RegistryEvent {}

    /** As {@link LevelSet}. */
    record ModeSet(@Nullable String subject, @Nullable Mode mode) implements RegistryEvent {}
}

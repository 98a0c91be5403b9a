package io.sluice.localstack.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the registry holds: the sum of its events. Decides nothing; for one thread at a time. */
final class Catalog {

    private final NavigableMap<Integer, String> schemas = new TreeMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final NavigableMap<String, NavigableMap<Integer, Version>> subjects = new TreeMap<>();
    private final Map<String, CompatibilityLevel> levels = new HashMap<>();
    private final Map<String, Mode> modes = new HashMap<>();
    private CompatibilityLevel globalLevel = CompatibilityLevel.BACKWARD;
    private Mode globalMode = Mode.READWRITE;
    private int maxId;

    /** @param deleted softly: hidden, yet its number and id stay taken */
    record Version(String subject, int version, int id, String schema, boolean deleted) {}

    void apply(RegistryEvent event) {
        if (event instanceof RegistryEvent.Registered registered) {
            register(registered);
        } else if (event instanceof RegistryEvent.VersionDeleted gone) {
            deleteVersion(gone.subject(), gone.version(), gone.permanent());
            forgetEmptySubject(gone.subject());
        } else if (event instanceof RegistryEvent.SubjectDeleted gone) {
            versions(gone.subject(), version -> true)
                    .forEach(version -> deleteVersion(gone.subject(), version.version(), gone.permanent()));
            forgetEmptySubject(gone.subject());
        } else if (event instanceof RegistryEvent.LevelSet set) {
            setLevel(set.subject(), set.level());
        } else if (event instanceof RegistryEvent.ModeSet set) {
            setMode(set.subject(), set.mode());
        }
    }

    private void register(RegistryEvent.Registered registered) {
        String schema = registered.schema();
        if (schema == null) {
            schema = schemas.get(registered.id());
            if (schema == null) {
                throw new IllegalStateException("an event names schema " + registered.id() + ", which is not there");
            }
        }
        schemas.put(registered.id(), schema);
        ids.putIfAbsent(schema, registered.id());
        maxId = Math.max(maxId, registered.id());
        subjects.computeIfAbsent(registered.subject(), subject -> new TreeMap<>())
                .put(
                        registered.version(),
                        new Version(registered.subject(), registered.version(), registered.id(), schema, false));
    }

    private void deleteVersion(String subject, int number, boolean permanent) {
        NavigableMap<Integer, Version> versions = subjects.get(subject);
        Version version = versions == null ? null : versions.get(number);
        if (versions == null || version == null) {
            return;
        }
        if (!permanent) {
            versions.put(number, new Version(subject, number, version.id(), version.schema(), true));
            return;
        }
        versions.remove(number);
        if (uses(version.id(), use -> true).isEmpty()) {
            schemas.remove(version.id());
            ids.remove(version.schema(), version.id());
        }
    }

    /** A subject's own settings go with its last version. */
    private void forgetEmptySubject(String subject) {
        if (versions(subject, version -> !version.deleted()).isEmpty()) {
            levels.remove(subject);
            modes.remove(subject);
        }
        if (subjects.getOrDefault(subject, new TreeMap<>()).isEmpty()) {
            subjects.remove(subject);
        }
    }

    private void setLevel(@Nullable String subject, @Nullable CompatibilityLevel level) {
        if (subject == null) {
            globalLevel = level == null ? CompatibilityLevel.BACKWARD : level;
        } else if (level == null) {
            levels.remove(subject);
        } else {
            levels.put(subject, level);
        }
    }

    private void setMode(@Nullable String subject, @Nullable Mode mode) {
        if (subject == null) {
            globalMode = mode == null ? Mode.READWRITE : mode;
        } else if (mode == null) {
            modes.remove(subject);
        } else {
            modes.put(subject, mode);
        }
    }

    /** Subjects with at least one such version, by name. */
    Set<String> subjects(Predicate<Version> which) {
        Set<String> names = new TreeSet<>();
        subjects.forEach((name, versions) -> {
            if (versions.values().stream().anyMatch(which)) {
                names.add(name);
            }
        });
        return names;
    }

    /** The subject's versions from the oldest to the newest. */
    List<Version> versions(String subject, Predicate<Version> which) {
        NavigableMap<Integer, Version> versions = subjects.get(subject);
        return versions == null
                ? List.of()
                : versions.values().stream().filter(which).toList();
    }

    /** Where this id is in use. */
    List<Version> uses(int id, Predicate<Version> which) {
        List<Version> uses = new ArrayList<>();
        for (NavigableMap<Integer, Version> versions : subjects.values()) {
            for (Version version : versions.values()) {
                if (version.id() == id && which.test(version)) {
                    uses.add(version);
                }
            }
        }
        return uses;
    }

    Optional<String> schema(int id) {
        return Optional.ofNullable(schemas.get(id));
    }

    Optional<Integer> id(String schema) {
        return Optional.ofNullable(ids.get(schema));
    }

    /** The highest id ever given; none is given twice. */
    int maxId() {
        return maxId;
    }

    CompatibilityLevel globalLevel() {
        return globalLevel;
    }

    Optional<CompatibilityLevel> level(String subject) {
        return Optional.ofNullable(levels.get(subject));
    }

    Mode globalMode() {
        return globalMode;
    }

    Optional<Mode> mode(String subject) {
        return Optional.ofNullable(modes.get(subject));
    }
}

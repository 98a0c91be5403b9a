package io.sluice.localstack.registry;

import io.sluice.localstack.registry.Catalog.Version;
import io.sluice.localstack.registry.CompatibilityCheck.EarlierVersion;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** The registry's commands and queries; each method is one step that nobody sees half done. */
final class Registry {

    private final Catalog catalog;
    private final Journal journal;

    /** Where an event is made to last before it counts. */
    interface Journal {
        void append(RegistryEvent event) throws IOException;
    }

    /**
     * A schema that somebody sends.
     *
     * @param version 0 for the next
     * @param id 0 for the registry's choice
     */
    record Submission(ParsedSchema schema, int version, int id) {}

    Registry(Catalog catalog, Journal journal) {
        this.catalog = catalog;
        this.journal = journal;
    }

    static Predicate<Version> active() {
        return version -> !version.deleted();
    }

    static Predicate<Version> activeOr(boolean deletedToo) {
        return version -> deletedToo || !version.deleted();
    }

    /** The schema's id. The same schema under the same subject is no new version, and under any subject no new id. */
    synchronized int register(String subject, Submission submission) {
        String text = submission.schema().text();
        List<Version> active = catalog.versions(subject, active());
        for (Version version : active) {
            if (version.schema().equals(text) && (submission.id() == 0 || submission.id() == version.id())) {
                return version.id();
            }
        }
        Mode mode = effectiveMode(subject);
        if (mode.refusesWrites()) {
            throw RestException.notPermitted("Subject " + subject + " is in read-only mode");
        }
        if (mode == Mode.IMPORT) {
            return importSchema(subject, submission);
        }
        if (submission.id() != 0) {
            throw RestException.notPermitted("Subject " + subject + " is not in import mode");
        }
        List<String> objections = objections(subject, submission.schema(), active);
        if (!objections.isEmpty()) {
            throw new RestException(
                    409,
                    "Schema being registered is incompatible with an earlier schema for subject \"" + subject
                            + "\", details: " + objections);
        }
        int version = nextVersion(subject);
        if (submission.version() != 0 && submission.version() != version) {
            throw RestException.invalidSchema("Version is not one more than previous version");
        }
        Optional<Integer> known = catalog.id(text);
        int id = known.orElseGet(() -> Math.addExact(catalog.maxId(), 1));
        record(new RegistryEvent.Registered(subject, version, id, known.isPresent() ? null : text));
        return id;
    }

    private int importSchema(String subject, Submission submission) {
        if (submission.id() == 0) {
            throw RestException.notPermitted("Subject " + subject + " is in import mode: the schema's id is missing");
        }
        String text = submission.schema().text();
        Optional<String> known = catalog.schema(submission.id());
        if (known.isPresent() && !known.get().equals(text)) {
            throw RestException.notPermitted("Overwrite new schema with id " + submission.id() + " is not permitted.");
        }
        int version = submission.version() == 0 ? nextVersion(subject) : submission.version();
        if (catalog.versions(subject, taken -> taken.version() == version).stream()
                .anyMatch(taken -> taken.id() != submission.id())) {
            throw RestException.notPermitted("Version " + version + " of subject " + subject + " is taken");
        }
        record(new RegistryEvent.Registered(subject, version, submission.id(), text));
        return submission.id();
    }

    private int nextVersion(String subject) {
        List<Version> all = catalog.versions(subject, version -> true);
        return all.isEmpty() ? 1 : all.get(all.size() - 1).version() + 1;
    }

    /** This schema's version under the subject. */
    synchronized Version lookUp(String subject, ParsedSchema schema, boolean deletedToo) {
        List<Version> versions = versions(subject, activeOr(deletedToo));
        for (int i = versions.size() - 1; i >= 0; i--) {
            if (versions.get(i).schema().equals(schema.text())) {
                return versions.get(i);
            }
        }
        throw RestException.schemaNotFound();
    }

    /** All such versions of a subject that has at least one. */
    synchronized List<Version> versions(String subject, Predicate<Version> which) {
        List<Version> versions = catalog.versions(subject, which);
        if (versions.isEmpty()) {
            throw RestException.subjectNotFound(subject);
        }
        return versions;
    }

    /** @param version a number, or null for the latest */
    synchronized Version version(String subject, @Nullable Integer version, Predicate<Version> which) {
        List<Version> versions = versions(subject, which);
        if (version == null) {
            return versions.get(versions.size() - 1);
        }
        return versions.stream()
                .filter(candidate -> candidate.version() == version)
                .findFirst()
                .orElseThrow(() -> RestException.versionNotFound(version.toString()));
    }

    synchronized Collection<String> subjects(Predicate<Version> which) {
        return catalog.subjects(which);
    }

    synchronized String schema(int id) {
        return catalog.schema(id).orElseThrow(() -> RestException.schemaNotFound(id));
    }

    synchronized int maxId() {
        return catalog.maxId();
    }

    synchronized List<Version> uses(int id, Predicate<Version> which) {
        schema(id);
        return catalog.uses(id, which);
    }

    synchronized int deleteVersion(String subject, @Nullable Integer number, boolean permanent) {
        refuseIfReadOnly(subject);
        versions(subject, any -> true);
        Version version = version(subject, number, number == null && !permanent ? active() : any -> true);
        String name = "Subject '" + subject + "' Version " + version.version();
        if (version.deleted() && !permanent) {
            throw new RestException(40406, name + " was soft deleted.Set permanent=true to delete permanently");
        }
        if (!version.deleted() && permanent) {
            throw new RestException(40407, name + " was not deleted first before being permanently deleted");
        }
        record(new RegistryEvent.VersionDeleted(subject, version.version(), permanent));
        return version.version();
    }

    synchronized List<Integer> deleteSubject(String subject, boolean permanent) {
        refuseIfReadOnly(subject);
        List<Version> all = versions(subject, any -> true);
        List<Version> active = catalog.versions(subject, active());
        if (active.isEmpty() && !permanent) {
            throw new RestException(
                    40404, "Subject '" + subject + "' was soft deleted.Set permanent=true to delete permanently");
        }
        if (!active.isEmpty() && permanent) {
            throw new RestException(
                    40405, "Subject '" + subject + "' was not deleted first before being permanently deleted");
        }
        record(new RegistryEvent.SubjectDeleted(subject, permanent));
        return (permanent ? all : active).stream().map(Version::version).toList();
    }

    /**
     * What speaks against this schema as the next version.
     *
     * @param against one version, or all that the level asks for
     */
    synchronized List<String> objections(String subject, ParsedSchema schema, List<Version> against) {
        return CompatibilityCheck.objections(
                catalog.level(subject).orElse(catalog.globalLevel()),
                schema.avro(),
                against.stream()
                        .map(version ->
                                new EarlierVersion(version.version(), new Schema.Parser().parse(version.schema())))
                        .toList());
    }

    /** As {@link #versions}, but no error for a subject without any. */
    synchronized List<Version> versionsIfAny(String subject) {
        return catalog.versions(subject, active());
    }

    synchronized CompatibilityLevel level() {
        return catalog.globalLevel();
    }

    synchronized Optional<CompatibilityLevel> level(String subject) {
        return catalog.level(subject);
    }

    synchronized void setLevel(@Nullable String subject, @Nullable CompatibilityLevel level) {
        refuseIfReadOnly(subject);
        record(new RegistryEvent.LevelSet(subject, level));
    }

    synchronized Mode mode() {
        return catalog.globalMode();
    }

    synchronized Optional<Mode> mode(String subject) {
        return catalog.mode(subject);
    }

    /** @param force into import mode although there are schemas already */
    synchronized void setMode(@Nullable String subject, @Nullable Mode mode, boolean force) {
        if (mode == Mode.IMPORT && !force) {
            boolean occupied = subject == null
                    ? !catalog.subjects(active()).isEmpty()
                    : !catalog.versions(subject, active()).isEmpty();
            if (occupied) {
                throw RestException.notPermitted("Cannot import since found existing subjects");
            }
        }
        record(new RegistryEvent.ModeSet(subject, mode));
    }

    private Mode effectiveMode(@Nullable String subject) {
        Mode global = catalog.globalMode();
        return subject == null || global == Mode.READONLY_OVERRIDE
                ? global
                : catalog.mode(subject).orElse(global);
    }

    private void refuseIfReadOnly(@Nullable String subject) {
        if (effectiveMode(subject).refusesWrites()) {
            throw RestException.notPermitted(
                    subject == null
                            ? "The registry is in read-only mode"
                            : "Subject " + subject + " is in read-only mode");
        }
    }

    private void record(RegistryEvent event) {
        try {
            journal.append(event);
        } catch (IOException e) {
            throw new JournalException(e);
        }
        catalog.apply(event);
    }

    /** The event could not be made to last, so it has not happened. */
    static final class JournalException extends RuntimeException {
        JournalException(IOException cause) {
            super(cause);
        }
    }
}

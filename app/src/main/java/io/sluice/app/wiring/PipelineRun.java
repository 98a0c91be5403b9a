package io.sluice.app.wiring;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.intent.Part;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.platform.kafka.TopicSpec;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.sink.SinkStage;
import io.sluice.source.engine.PostgresSource;
import io.sluice.source.engine.SourceProgress;
import io.sluice.source.mongo.MongoSource;
import io.sluice.transform.topology.TransformProgress;
import io.sluice.transform.topology.TransformStage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The stages of a pipeline that this process runs, from their preparation to their end.
 *
 * <p>Nothing starts before every check of every stage has passed; stages end in the direction of the data, so that what one
 * hands over the next still takes.
 */
public final class PipelineRun implements AutoCloseable {

    private final Pipeline pipeline;
    private final Servers servers;
    private final Set<Role> roles;
    private final Map<String, PostgresSource> sources = new LinkedHashMap<>();
    private final Map<String, MongoSource> documentSources = new LinkedHashMap<>();
    private final Map<String, TransformStage> transforms = new LinkedHashMap<>();
    private final Map<String, SinkStage> sinks = new LinkedHashMap<>();
    private final Set<String> newEpochs = new HashSet<>();
    private final StageReporter reporter;
    private final PauseFollower pauses;
    private volatile Set<Part> resting = Set.of();
    private ChangedMapping changedMapping = ChangedMapping.REFUSE;

    /**
     * Builds the stages; neither connects nor starts anything.
     *
     * @param stateFolder a folder of this process alone
     */
    public PipelineRun(Pipeline pipeline, Servers servers, Set<Role> roles, MeterRegistry meters, Path stateFolder) {
        this.pipeline = pipeline;
        this.servers = servers;
        this.roles = Set.copyOf(roles);
        if (roles.contains(Role.SOURCE)) {
            for (SourceSpec source : pipeline.sources()) {
                switch (source.kind()) {
                    case POSTGRESQL ->
                        sources.put(
                                source.name(),
                                new PostgresSource(pipeline, source, servers.kafka(), servers.schemas(), meters));
                    case MONGODB ->
                        documentSources.put(
                                source.name(),
                                new MongoSource(pipeline, source, servers.kafka(), servers.schemas(), meters));
                }
            }
        }
        for (ServiceSpec service : pipeline.services()) {
            if (roles.contains(Role.TRANSFORM)) {
                transforms.put(
                        service.name(),
                        new TransformStage(pipeline, service, servers.kafka(), servers.schemas(), meters, stateFolder));
            }
            if (roles.contains(Role.SINK)) {
                sinks.put(service.name(), new SinkStage(pipeline, service, servers.kafka(), servers.schemas(), meters));
            }
        }
        StageMetrics.publish(meters, pipeline.name(), stages(), this::isPaused);
        Names names = new Names(pipeline.name());
        this.reporter = new StageReporter(this, servers.kafka(), names.progress());
        this.pauses = new PauseFollower(servers.kafka(), names.intents(), this::rest);
    }

    /** What this version can't do of what the file asks of these roles; asks no server. */
    public static List<Finding> refusals(Pipeline pipeline, Set<Role> roles) {
        return Refusals.of(pipeline, roles);
    }

    /** What {@link #prepare} would find and make; changes nothing. */
    public Preflight look() {
        return preparation().look();
    }

    /**
     * Checks everything that this process's stages need, and then, unless something is wrong, creates what is missing: topics,
     * publications, target tables, ledgers.
     *
     * @return all that was found; nothing may start while there is an error among it
     */
    public List<Finding> prepare() {
        Preparation preparation = preparation();
        Set<Finding> findings = new LinkedHashSet<>(preparation.look().findings());
        if (findings.stream().noneMatch(Finding::isError)) {
            findings.addAll(preparation.make());
            if (findings.stream().noneMatch(Finding::isError)) {
                preparation.keep();
            }
        }
        return List.copyOf(findings);
    }

    /** Creates what is missing, and leaves the rest to {@link #prepare}: after a look without errors. */
    public List<Finding> make() {
        Preparation preparation = preparation();
        List<Finding> findings = preparation.look().findings();
        return isFatal(findings) ? findings : preparation.make();
    }

    private Preparation preparation() {
        return Preparation.read(
                pipeline,
                servers,
                new Preparation.Stages(roles, sources, documentSources, sinks),
                topics(),
                changedMapping);
    }

    public static boolean isFatal(List<Finding> findings) {
        return findings.stream().anyMatch(Finding::isError);
    }

    /** Where all that a service reads is read again, what its transform remembers may begin anew. */
    private List<TopicSpec> topics() {
        TopicLayout layout = new TopicLayout(pipeline);
        Set<String> afresh = pipeline.services().stream()
                .filter(service -> service.reads().stream().map(TableId::source).allMatch(newEpochs::contains))
                .flatMap(service ->
                        Stream.concat(layout.children(service).stream(), layout.transformOwn(service).stream()))
                .map(TopicSpec::name)
                .collect(Collectors.toSet());
        return layout.all().stream()
                .map(topic -> afresh.contains(topic.name()) ? topic.afresh() : topic)
                .toList();
    }

    /** Starts every stage; each goes its own way from here. */
    public void start() {
        // What is to rest does nothing before it is told so.
        pauses.start();
        reporter.start();
        // From the far end, so that nothing piles up in between.
        sinks.values().forEach(Stage::start);
        transforms.values().forEach(Stage::start);
        sources.values().forEach(Stage::start);
        documentSources.values().forEach(Stage::start);
    }

    private void rest(Set<Part> wanted) {
        if (wanted.equals(resting)) {
            return;
        }
        resting = wanted;
        sources.forEach((name, source) -> source.rest(wanted.contains(Part.source(name))));
        documentSources.forEach((name, source) -> source.rest(wanted.contains(Part.source(name))));
        transforms.forEach((service, stage) -> stage.rest(wanted.contains(Part.service(service))));
        for (ServiceSpec service : pipeline.services()) {
            SinkStage sink = sinks.get(service.name());
            if (sink != null) {
                sink.rest(
                        wanted.contains(Part.service(service.name())),
                        service.tables().stream()
                                .map(TableSpec::target)
                                .filter(table -> !service.isStrong()
                                        && wanted.contains(Part.table(service.name(), table.toString())))
                                .collect(Collectors.toSet()));
            }
        }
    }

    /** Whether a stage does nothing, as an operator asked for. */
    boolean isPaused(Stage stage) {
        String[] name = stage.name().split(" ", 2);
        return resting.contains(name[0].equals("source") ? Part.source(name[1]) : Part.service(name[1]));
    }

    /** Makes a source of this process begin afresh; before {@link #prepare}. */
    public void beginNewEpoch(String source) {
        newEpochs.add(source);
        PostgresSource captured = sources.get(source);
        if (captured != null) {
            captured.beginNewEpoch();
        }
        MongoSource documents = documentSources.get(source);
        if (documents != null) {
            documents.beginNewEpoch();
        }
    }

    /** Says what is to be done about tables whose mapping is not what it was; before {@link #prepare}. */
    public void onChangedMapping(ChangedMapping decision) {
        changedMapping = decision;
    }

    /** How far every table of every source of this process is. */
    public List<SourceProgress.Table> loads() {
        return Stream.concat(
                        sources.values().stream().map(PostgresSource::progress),
                        documentSources.values().stream().map(MongoSource::progress))
                .flatMap(progress -> progress.tables().stream())
                .toList();
    }

    public List<Stage> stages() {
        List<Stage> stages = new ArrayList<>(sources.values());
        stages.addAll(documentSources.values());
        stages.addAll(transforms.values());
        stages.addAll(sinks.values());
        return stages;
    }

    public Map<String, PostgresSource> sources() {
        return Map.copyOf(sources);
    }

    /** How far the transform of each service is. */
    public Map<String, TransformProgress> transforms() {
        Map<String, TransformProgress> progress = new LinkedHashMap<>();
        transforms.forEach((service, stage) -> progress.put(service, stage.progress()));
        return progress;
    }

    public Map<String, SinkStage> sinks() {
        return Map.copyOf(sinks);
    }

    /** Waits until everything that the sources have committed by now is applied; says which hop is behind if it isn't. */
    public List<String> awaitApplied(Duration limit, BooleanSupplier inVain) throws InterruptedException {
        Map<SourceSpec, PostgresSource> captured = new LinkedHashMap<>();
        for (SourceSpec spec : pipeline.sources()) {
            PostgresSource source = sources.get(spec.name());
            if (source != null) {
                captured.put(spec, source);
            }
        }
        return Proofs.appliedThrough(pipeline, servers.kafka(), captured).await(limit, inVain);
    }

    /** Stops every stage, also after one has failed to stop. */
    @Override
    public void close() {
        pauses.close();
        reporter.close();
        RuntimeException failure = null;
        for (Stage stage : stages()) {
            try {
                stage.close();
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw new EnvironmentException(
                    "STOP_FAILED",
                    "a stage did not stop cleanly: " + failure.getMessage(),
                    null,
                    "Nothing is lost: the next run goes on from what was committed.",
                    failure);
        }
    }
}

package io.sluice.app.wiring;

import io.sluice.control.proof.AppliedThrough;
import io.sluice.control.proof.AppliedThrough.SourceMark;
import io.sluice.control.proof.AppliedThrough.TargetLedger;
import io.sluice.control.proof.Reach;
import io.sluice.control.status.Condition;
import io.sluice.control.status.PipelineStatus;
import io.sluice.control.status.ServiceStatus;
import io.sluice.control.status.ServiceStatus.Verification;
import io.sluice.control.status.SourceStatus;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.intent.Intents;
import io.sluice.platform.intent.Part;
import io.sluice.platform.intent.Pause;
import io.sluice.platform.kafka.FollowedTopic;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.source.engine.SourceOutlook;
import io.sluice.source.engine.SourceProgress;
import io.sluice.transform.topology.ParkedChanges;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a pipeline from outside: it runs none of its stages and asks none of them, so it tells the truth while they are stopped.
 * Belongs to one thread; further looks are quicker than the first.
 */
public final class StatusReader implements AutoCloseable {

    /** A source that is live has published within that what it had committed. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final int MOST_LETTERS = 20_000;

    private final Pipeline pipeline;
    private final Servers servers;
    private final Names names;
    private final Clock clock;
    private final Function<ServiceSpec, Map<String, Verification>> verifications;
    private final Map<String, ObservedSource> sources = new LinkedHashMap<>();
    private final Map<String, SourceLook> looks = new LinkedHashMap<>();
    private final Map<String, TargetLook> targets = new LinkedHashMap<>();
    private final Map<String, LetterTally> letters = new LinkedHashMap<>();
    private final Map<String, FollowedTopic> parked = new LinkedHashMap<>();
    private final Intents intents;
    private @Nullable FollowedTopic wanted;
    private @Nullable StageReports reports;
    private @Nullable Workers workers;

    /** @param verifications how each table of a service last compared, by its name */
    public StatusReader(
            Pipeline pipeline,
            Servers servers,
            Clock clock,
            Function<ServiceSpec, Map<String, Verification>> verifications) {
        this.pipeline = pipeline;
        this.servers = servers;
        this.names = new Names(pipeline.name());
        this.clock = clock;
        this.verifications = verifications;
        this.intents = new Intents(names.intents());
        pipeline.services().forEach(service -> targets.put(service.name(), new TargetLook(pipeline, service)));
        pipeline.sources().forEach(source -> looks.put(source.name(), new SourceLook(source)));
    }

    /** What is known of a source before the proof is asked. */
    private record Seen(SourceProgress stored, @Nullable SourceOutlook outlook, @Nullable String problem) {

        /** @param reported whether a process says that it runs the source, where its server does not tell */
        boolean mayPublish(boolean reported) {
            return outlook != null && outlook.followed().orElse(reported);
        }
    }

    /** How everything is now. */
    public PipelineStatus look() throws InterruptedException {
        if (reports == null && !isBegun()) {
            return new PipelineStatus(pipeline.name(), clock.instant(), false, unbegunSources(), List.of());
        }
        StageReports said = open();
        said.refresh();
        Map<Part, Pause> pauses = intents.read(wanted().read());
        Map<String, Seen> seen = new LinkedHashMap<>();
        Map<String, SourceMark> marks = new HashMap<>();
        sources.forEach((name, source) -> {
            Seen found = see(source);
            seen.put(name, found);
            boolean reported = !said.fresh("source " + name, clock.millis()).isEmpty();
            if (found.mayPublish(reported) && !pauses.containsKey(Part.source(name))) {
                marks.put(name, source.mark());
            }
        });
        Map<String, TargetLedger> ledgers = new HashMap<>();
        targets.forEach((service, target) -> ledgers.put(service, target::positions));
        Reach reach = new AppliedThrough(pipeline, servers.kafka(), marks, ledgers).look(PATIENCE);
        Instant now = clock.instant();
        List<SourceStatus> sourceStates = new ArrayList<>();
        looks.forEach((name, look) -> {
            Seen found = seen.get(name);
            if (found != null) {
                sourceStates.add(look.status(
                        found.stored(),
                        found.outlook(),
                        found.problem(),
                        reach.published().contains(name),
                        said,
                        Optional.ofNullable(pauses.get(Part.source(name))),
                        now.toEpochMilli()));
            }
        });
        Map<String, Integer> members = workers().of(groups());
        List<ServiceStatus> services = new ArrayList<>();
        for (ServiceSpec service : pipeline.services()) {
            services.add(new ServiceLook(
                            names,
                            service,
                            reach.services().getOrDefault(service.name(), Reach.Service.UNKNOWN),
                            members,
                            parkedKeys(service),
                            isLoading(service),
                            sourceStates,
                            pauses,
                            verifications.apply(service),
                            letters(service),
                            said,
                            now.toEpochMilli())
                    .status());
        }
        return new PipelineStatus(pipeline.name(), now, true, sourceStates, services);
    }

    private List<SourceStatus> unbegunSources() {
        return pipeline.sources().stream()
                .map(source -> new SourceStatus(
                        source.name(),
                        source.kind().name().toLowerCase(java.util.Locale.ROOT),
                        Condition.STOPPED,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        false,
                        0,
                        List.of()))
                .toList();
    }

    private boolean isBegun() {
        try (TopicAdmin admin = TopicAdmin.open(servers.kafka())) {
            return admin.exists(names.progress()) && admin.exists(names.intents());
        }
    }

    private StageReports open() {
        StageReports opened = reports;
        if (opened == null) {
            for (SourceSpec source : pipeline.sources()) {
                sources.put(source.name(), ObservedSource.of(pipeline, source, servers));
            }
            for (ServiceSpec service : pipeline.services()) {
                if (!service.isStrong()) {
                    letters.put(
                            service.name(),
                            new LetterTally(servers.kafka(), names.deadLetters(service.name()), MOST_LETTERS));
                    parked.put(
                            service.name(),
                            FollowedTopic.keysOf(servers.kafka(), names.transformState(service.name(), "letters")));
                }
            }
            opened = new StageReports(servers.kafka(), names.progress());
            reports = opened;
        }
        return opened;
    }

    private FollowedTopic wanted() {
        FollowedTopic topic = wanted;
        if (topic == null) {
            topic = FollowedTopic.of(servers.kafka(), names.intents());
            wanted = topic;
        }
        return topic;
    }

    private Workers workers() {
        Workers opened = workers;
        if (opened == null) {
            opened = new Workers(servers.kafka());
            workers = opened;
        }
        return opened;
    }

    private List<String> groups() {
        return pipeline.services().stream()
                .flatMap(service ->
                        Stream.of(names.transformApplication(service.name()), names.sinkGroup(service.name())))
                .collect(Collectors.toList());
    }

    private static Seen see(ObservedSource source) {
        SourceProgress stored = source.stored();
        try {
            return new Seen(stored, source.outlook(), null);
        } catch (EnvironmentException e) {
            return new Seen(stored, null, e.getMessage());
        }
    }

    private Map<String, Long> parkedKeys(ServiceSpec service) {
        Map<String, Long> keys = new HashMap<>();
        FollowedTopic changelog = parked.get(service.name());
        if (changelog != null) {
            keys.putAll(ParkedChanges.keys(changelog.read().keySet()));
        }
        TargetLook target = targets.get(service.name());
        if (target != null) {
            try {
                keys.putAll(target.heldKeys());
            } catch (EnvironmentException e) {
                // That its target can't be asked is said once already.
                return keys;
            }
        }
        return keys;
    }

    private boolean isLoading(ServiceSpec service) {
        TargetLook target = targets.get(service.name());
        try {
            return target != null && target.isLoading();
        } catch (EnvironmentException e) {
            // That its target can't be asked is said once already.
            return false;
        }
    }

    private ServiceStatus.Letters letters(ServiceSpec service) {
        LetterTally tally = letters.get(service.name());
        return tally == null ? ServiceStatus.Letters.NONE : tally.read();
    }

    @Override
    public void close() {
        sources.values().forEach(ObservedSource::close);
        letters.values().forEach(LetterTally::close);
        parked.values().forEach(FollowedTopic::close);
        if (wanted != null) {
            wanted.close();
        }
        if (reports != null) {
            reports.close();
        }
        if (workers != null) {
            workers.close();
        }
    }
}

package io.sluice.app.wiring;

import io.sluice.control.proof.Reach;
import io.sluice.control.proof.Waiting;
import io.sluice.control.status.Condition;
import io.sluice.control.status.Lag;
import io.sluice.control.status.ServiceStatus;
import io.sluice.control.status.ServiceStatus.Hop;
import io.sluice.control.status.ServiceStatus.Verification;
import io.sluice.control.status.SourceStatus;
import io.sluice.platform.intent.Part;
import io.sluice.platform.intent.Pause;
import io.sluice.platform.progress.StageReport;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts together how a service is.
 *
 * @param members how many processes share each group's work
 * @param parked keys that wait, by topic
 * @param loading whether a load of its tables is not over in the target
 * @param sources how these are
 * @param pauses what operators asked for
 * @param verifications by target table, as {@code TargetTable} writes it
 */
record ServiceLook(
        Names names,
        ServiceSpec service,
        Reach.Service reach,
        Map<String, Integer> members,
        Map<String, Long> parked,
        boolean loading,
        List<SourceStatus> sources,
        Map<Part, Pause> pauses,
        Map<String, Verification> verifications,
        ServiceStatus.Letters letters,
        StageReports reports,
        long nowMillis) {

    ServiceStatus status() {
        boolean known = reach.unknown().isEmpty();
        Optional<Pause> pause = Optional.ofNullable(pauses.get(Part.service(service.name())));
        String mapping = "transform " + service.name();
        Hop transform = hop(
                mapping,
                names.transformApplication(service.name()),
                lag(reach.changes().values()),
                reports.perSecond(mapping, "changes", nowMillis),
                pause);
        String writing = "sink " + service.name();
        Hop sink = hop(
                writing,
                names.sinkGroup(service.name()),
                known ? lag(reach.rows().values()) : Lag.UNKNOWN,
                service.tables().stream()
                        .mapToDouble(table ->
                                reports.perSecond(writing, table.target().toString(), nowMillis))
                        .sum(),
                pause);
        Condition condition =
                worse(loading ? Condition.LOADING : Condition.LIVE, worse(transform.condition(), sink.condition()));
        return new ServiceStatus(
                service.name(),
                service.isStrong(),
                condition,
                loading,
                pause,
                known ? Optional.empty() : Optional.of(reach.unknown()),
                transform,
                sink,
                service.tables().stream()
                        .map(table -> table(table, condition, pause, known))
                        .toList(),
                letters);
    }

    private Hop hop(String stage, String group, Lag lag, double perSecond, Optional<Pause> pause) {
        int processes = members.getOrDefault(group, 0);
        Condition condition = reports.condition(stage, nowMillis, processes > 0);
        if (pause.isPresent() && condition != Condition.HALTED) {
            condition = Condition.PAUSED;
        }
        return new Hop(
                condition,
                condition == Condition.HALTED || condition == Condition.WAITING
                        ? reports.decisive(stage, nowMillis).map(StageReport::cause)
                        : Optional.empty(),
                processes,
                lag,
                perSecond);
    }

    private ServiceStatus.Table table(
            TableSpec table, Condition ofService, Optional<Pause> servicePause, boolean known) {
        Optional<Pause> pause = servicePause.or(() -> Optional.ofNullable(
                pauses.get(Part.table(service.name(), table.target().toString()))));
        Condition condition = ofService;
        for (TableId from : table.from()) {
            condition = worse(condition, conditionOf(from));
        }
        if (pause.isPresent()) {
            condition = worse(condition, Condition.PAUSED);
        }
        return new ServiceStatus.Table(
                table.target(),
                table.from(),
                condition,
                pause,
                lag(changeTopics(table)
                        .map(reach.changes()::get)
                        .filter(waiting -> waiting != null)
                        .toList()),
                known
                        ? lag(rowTopics(table)
                                .map(reach.rows()::get)
                                .filter(waiting -> waiting != null)
                                .toList())
                        : Lag.UNKNOWN,
                reports.perSecond("sink " + service.name(), table.target().toString(), nowMillis),
                Stream.concat(changeTopics(table), rowTopics(table))
                        .mapToLong(topic -> parked.getOrDefault(topic, 0L))
                        .sum(),
                Optional.ofNullable(verifications.get(table.target().toString())));
    }

    private Condition conditionOf(TableId from) {
        return sources.stream()
                .filter(source -> source.name().equals(from.source()))
                .flatMap(source -> source.tables().stream())
                .filter(table -> table.id().equals(from))
                .map(SourceStatus.Table::condition)
                .findFirst()
                .orElse(Condition.UNKNOWN);
    }

    private Stream<String> changeTopics(TableSpec table) {
        return service.isStrong()
                ? Stream.of(names.changesInOrder(service.name()))
                : table.from().stream().map(from -> names.changes(service.name(), from));
    }

    private Stream<String> rowTopics(TableSpec table) {
        return Stream.of(
                service.isStrong() ? names.rowsInOrder(service.name()) : names.rows(service.name(), table.target()));
    }

    private Lag lag(Collection<Waiting> waiting) {
        Waiting all = waiting.stream().reduce(Waiting.NONE, Waiting::plus);
        return new Lag(all.records(), all.exact(), all.lagMillis(nowMillis));
    }

    private static Condition worse(Condition one, Condition other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}

package io.sluice.app.wiring;

import io.sluice.control.status.Condition;
import io.sluice.platform.kafka.FollowedTopic;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.progress.ReportRecords;
import io.sluice.platform.progress.StageReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What stages last said of themselves. Belongs to one thread. */
final class StageReports implements AutoCloseable {

    /** A process renews its reports far more often than that. */
    private static final long FRESH_MILLIS = 20_000;

    private final FollowedTopic topic;
    private final ReportRecords records;
    private Map<String, List<Said>> byStage = Map.of();

    private record Said(StageReport report, long atMillis) {}

    StageReports(KafkaConnection kafka, String topic) {
        this.topic = FollowedTopic.of(kafka, topic);
        this.records = new ReportRecords(topic);
    }

    void refresh() {
        Map<String, List<Said>> found = new HashMap<>();
        topic.read().forEach((key, latest) -> records.read(
                        key.unsafeArray(), latest.value().unsafeArray())
                .ifPresent(report -> found.computeIfAbsent(report.stage(), first -> new ArrayList<>())
                        .add(new Said(report, latest.writtenAtMillis()))));
        byStage = found;
    }

    /** What those say who run the stage now. */
    List<StageReport> fresh(String stage, long nowMillis) {
        return said(stage).stream()
                .filter(said -> isFresh(said, nowMillis))
                .map(Said::report)
                .toList();
    }

    private List<Said> said(String stage) {
        return byStage.getOrDefault(stage, List.of());
    }

    private static boolean isFresh(Said said, long nowMillis) {
        return nowMillis - said.atMillis() <= FRESH_MILLIS;
    }

    /** The report that matters: the worst of those who run it now, else the last of all. */
    Optional<StageReport> decisive(String stage, long nowMillis) {
        Optional<StageReport> now = fresh(stage, nowMillis).stream().max(Comparator.comparing(StageReports::condition));
        return now.isPresent()
                ? now
                : said(stage).stream()
                        .max(Comparator.comparingLong(Said::atMillis))
                        .map(Said::report);
    }

    /**
     * How the stage is.
     *
     * @param runs whether somebody is known to run it; null where only reports tell
     */
    Condition condition(String stage, long nowMillis, @Nullable Boolean runs) {
        Optional<StageReport> report = decisive(stage, nowMillis);
        boolean isFresh = !fresh(stage, nowMillis).isEmpty();
        if (report.filter(said -> said.state() == StageState.HALTED).isPresent()
                && (isFresh || !Boolean.TRUE.equals(runs))) {
            return Condition.HALTED;
        }
        // Who was killed stays a member of its group for a while, and says nothing.
        boolean silent = report.isPresent() ? !isFresh : runs == null;
        if (silent || (Boolean.FALSE.equals(runs) && !isFresh)) {
            return Condition.STOPPED;
        }
        return report.map(StageReports::condition).orElse(Condition.LIVE);
    }

    private static Condition condition(StageReport report) {
        return switch (report.state()) {
            case HALTED -> Condition.HALTED;
            case WAITING -> Condition.WAITING;
            case STOPPING, STOPPED, CREATED -> Condition.STOPPED;
            case STARTING, RUNNING -> report.paused() ? Condition.PAUSED : Condition.LIVE;
        };
    }

    /** What was done per second, by the words of all who run it now. */
    double perSecond(String stage, String what, long nowMillis) {
        return fresh(stage, nowMillis).stream()
                .mapToDouble(report -> report.perSecond().getOrDefault(what, 0.0))
                .sum();
    }

    Optional<StageReport.Load> load(String stage, String table, long nowMillis) {
        return fresh(stage, nowMillis).stream()
                .map(report -> report.loads().get(table))
                .filter(load -> load != null)
                .findFirst();
    }

    @Override
    public void close() {
        topic.close();
    }
}

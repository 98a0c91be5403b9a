package io.sluice.app.wiring;

import io.sluice.control.status.Condition;
import io.sluice.control.status.SourceStatus;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.intent.Pause;
import io.sluice.platform.progress.StageReport;
import io.sluice.platform.progress.StageReport.Cause;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.source.engine.SourceOutlook;
import io.sluice.source.engine.SourceProgress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Puts together how a source is. Belongs to one thread: it remembers the last look for how fast the log grows. */
final class SourceLook {

    private static final double MICROS_PER_SECOND = 1e6;
    private static final long LEAST_SPAN_MICROS = 500_000;
    private static final Duration LONGEST = Duration.ofDays(3_650);

    private final SourceSpec spec;
    private @Nullable SourceOutlook before;

    SourceLook(SourceSpec spec) {
        this.spec = spec;
    }

    /**
     * The source's status.
     *
     * @param outlook null where its server could not be asked
     * @param problem why not
     * @param published whether all that it had committed is
     */
    SourceStatus status(
            SourceProgress stored,
            @Nullable SourceOutlook outlook,
            @Nullable String problem,
            boolean published,
            StageReports reports,
            Optional<Pause> pause,
            long nowMillis) {
        String stage = "source " + spec.name();
        Boolean runs = outlook == null ? null : outlook.followed().orElse(null);
        Condition condition = reports.condition(stage, nowMillis, runs);
        if (pause.isPresent() && condition != Condition.HALTED) {
            condition = Condition.PAUSED;
        }
        Optional<Cause> cause = condition == Condition.HALTED || condition == Condition.WAITING
                ? reports.decisive(stage, nowMillis).map(StageReport::cause)
                : Optional.empty();
        boolean postgres = spec.kind() == SourceSpec.Kind.POSTGRESQL;
        SourceStatus status = new SourceStatus(
                spec.name(),
                spec.kind().name().toLowerCase(Locale.ROOT),
                condition,
                cause,
                pause,
                Optional.ofNullable(problem),
                stored.epoch(),
                lag(stored, outlook, published),
                outlook == null ? OptionalLong.empty() : published ? OptionalLong.of(0) : outlook.bytesBehind(),
                outlook == null ? Optional.empty() : timeToLoss(stored, outlook),
                postgres
                        && outlook != null
                        && outlook.bytesLeft().isEmpty()
                        && outlook.timeToLoss().isEmpty(),
                stored.tables().stream()
                        .mapToDouble(
                                table -> reports.perSecond(stage, table.table().toString(), nowMillis))
                        .sum(),
                stored.tables().stream()
                        .map(table -> table(stage, table, reports, nowMillis))
                        .toList());
        if (outlook != null) {
            before = outlook;
        }
        return status;
    }

    private static OptionalLong lag(SourceProgress stored, @Nullable SourceOutlook outlook, boolean published) {
        if (published) {
            return OptionalLong.of(0);
        }
        if (outlook == null || stored.lastCommitMicros() == 0) {
            return OptionalLong.empty();
        }
        // What was committed since is not published: so it is never 0 here.
        return OptionalLong.of(Math.max(1, (outlook.nowMicros() - stored.lastCommitMicros()) / 1_000));
    }

    private Optional<Duration> timeToLoss(SourceProgress stored, SourceOutlook outlook) {
        if (outlook.timeToLoss().isPresent() || outlook.bytesLeft().isEmpty()) {
            return outlook.timeToLoss();
        }
        double perSecond = growth(stored, outlook);
        if (Double.isNaN(perSecond) || perSecond <= 0) {
            return Optional.empty();
        }
        double seconds = Math.max(0, outlook.bytesLeft().getAsLong()) / perSecond;
        return seconds < LONGEST.toSeconds() ? Optional.of(Duration.ofSeconds((long) seconds)) : Optional.empty();
    }

    /** Bytes of log per second: since the source was last heard of, for there the log begins that it lacks, or since the last look. */
    private double growth(SourceProgress stored, SourceOutlook outlook) {
        SourceOutlook last = before;
        long sinceCommit = outlook.nowMicros() - stored.lastCommitMicros();
        if (stored.lastCommitMicros() > 0
                && sinceCommit > 10 * LEAST_SPAN_MICROS
                && outlook.bytesBehind().isPresent()) {
            return outlook.bytesBehind().getAsLong() * MICROS_PER_SECOND / sinceCommit;
        }
        if (last == null || outlook.nowMicros() - last.nowMicros() < LEAST_SPAN_MICROS) {
            return Double.NaN;
        }
        return (outlook.logEnd() - last.logEnd()) * MICROS_PER_SECOND / (outlook.nowMicros() - last.nowMicros());
    }

    private static SourceStatus.Table table(
            String stage, SourceProgress.Table table, StageReports reports, long nowMillis) {
        String name = table.table().toString();
        Optional<StageReport.Load> load = reports.load(stage, name, nowMillis);
        SluiceException halt = table.halt();
        return new SourceStatus.Table(
                table.table(),
                switch (table.state()) {
                    case HALTED -> Condition.HALTED;
                    case STREAMING, LOADED -> Condition.LIVE;
                    case LOADING -> Condition.LOADING;
                    case WAITING -> load.isPresent() ? Condition.LOADING : Condition.STOPPED;
                },
                Optional.ofNullable(halt).map(why -> new Cause(why.code(), why.problem(), why.place(), why.remedy())),
                Math.max(table.rowsRead(), load.map(StageReport.Load::rows).orElse(0L)),
                table.rowsEstimated(),
                load.map(StageReport.Load::perSecond).orElse(0.0),
                reports.perSecond(stage, name, nowMillis));
    }
}

package io.sluice.sink.timescale;

import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.AggregateSpec;
import io.sluice.schemas.pipeline.HypertableSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is to be done to a table so that it is the hypertable that the pipeline file asks for. Adds what is missing; what is there
 * already and different is told, never changed.
 *
 * @param steps statements, in their order
 */
record HypertablePlan(List<Step> steps, List<Finding> findings) {

    private static final Set<LogicalType> TIMES = Set.of(Simple.TIMESTAMPTZ, Simple.TIMESTAMP, Simple.DATE);

    HypertablePlan {
        steps = List.copyOf(steps);
        findings = List.copyOf(findings);
    }

    /** @param undone what it means that this has not been done */
    record Step(String sql, Finding undone) {}

    /** What no server can do, whatever is there. */
    static List<Finding> impossible(TargetTable table, RowSchema rows, HypertableSpec spec) {
        List<Finding> findings = new ArrayList<>();
        int time = rows.indexOf(spec.time());
        if (time < 0 || !TIMES.contains(rows.column(time).type())) {
            findings.add(Finding.error(
                    place(table) + " column " + spec.time(),
                    time < 0
                            ? "its rows have no such column to be chunked by"
                            : "a column of type " + rows.column(time).declared() + " can't say when a row is from",
                    "Name a column of type timestamptz, timestamp or date as the hypertable's `time:`, or give this one such a"
                            + " `type:`."));
        }
        List<String> dimensions = new ArrayList<>(List.of(spec.time()));
        spec.space().map(HypertableSpec.Space::column).ifPresent(dimensions::add);
        dimensions.removeAll(rows.keyColumns());
        if (!dimensions.isEmpty()) {
            findings.add(Finding.error(
                    place(table),
                    "the key of a hypertable must contain the columns that its rows are spread by, and this one lacks "
                            + String.join(", ", dimensions),
                    "Name them under `key:`, with what tells rows of the same time apart."));
        }
        for (AggregateSpec view : spec.aggregates()) {
            Duration least = view.bucket().multipliedBy(3);
            if (spec.retain().filter(kept -> kept.compareTo(least) < 0).isPresent()) {
                findings.add(Finding.error(
                        place(table) + " aggregate " + view.name(),
                        "its rows are dropped before a bucket of it is computed",
                        "Retain rows for three buckets at least."));
            }
        }
        return findings;
    }

    static HypertablePlan of(
            TargetTable table, RowSchema rows, HypertableSpec spec, Edition edition, HypertableState state) {
        Draft draft = new Draft(table, rows, spec, edition, state);
        draft.dimensions();
        if (draft.goesOn) {
            draft.compression();
            draft.retention();
            spec.aggregates().forEach(draft::aggregate);
        }
        return new HypertablePlan(draft.steps, draft.findings);
    }

    private static String place(TargetTable table) {
        return "table " + table;
    }

    private static final class Draft {

        private final String place;
        private final RowSchema rows;
        private final HypertableSpec spec;
        private final Edition edition;
        private final HypertableState state;
        private final HypertableSql sql;
        private final List<Step> steps = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();
        private boolean goesOn = true;

        private Draft(TargetTable table, RowSchema rows, HypertableSpec spec, Edition edition, HypertableState state) {
            this.place = place(table);
            this.rows = rows;
            this.spec = spec;
            this.edition = edition;
            this.state = state;
            this.sql = new HypertableSql(table, spec);
        }

        private void dimensions() {
            if (state.isHypertable()) {
                compareDimensions();
            } else if (state.empty()) {
                step(sql.create(rows, false), "it is a plain table and no hypertable", Finding.Severity.ERROR);
                spec.space()
                        .ifPresent(space -> step(
                                sql.addSpace(space),
                                "its rows are not spread by " + space.column(),
                                Finding.Severity.ERROR));
            } else {
                findings.add(Finding.error(
                        place,
                        "it is a plain table with rows, and to make it a hypertable keeps everybody out while they are moved",
                        "When that suits, run: " + sql.create(rows, true) + "; or leave `hypertable:` out."));
                goesOn = false;
            }
        }

        private void compareDimensions() {
            HypertableState.Dimension time = state.dimensions().get(0);
            if (!time.column().equals(spec.time())) {
                findings.add(Finding.error(
                        place,
                        "it is a hypertable by " + time.column() + " and not by " + spec.time(),
                        "Name that column as its `time:`, or load the table anew under another name."));
                goesOn = false;
                return;
            }
            if (time.seconds() != spec.chunk().toSeconds()) {
                differs("a chunk spans " + shown(time.seconds()), "Run, for chunks to come: " + sql.setChunk());
            }
            Optional<HypertableSpec.Space> there = state.dimensions().stream()
                    .skip(1)
                    .findFirst()
                    .map(space -> new HypertableSpec.Space(space.column(), space.partitions()));
            if (!there.equals(spec.space())) {
                differs(
                        there.map(space ->
                                        "its rows are spread by " + space.column() + " " + space.partitions() + " ways")
                                .orElse("its rows are not spread by a second column"),
                        "Say the same under `space:`; a table with rows can't be spread in another way.");
            }
        }

        private void compression() {
            Optional<Duration> after = spec.compressAfter();
            Optional<Long> there = policy(HypertableState.COMPRESSION);
            if (after.isPresent() && !edition.whole()) {
                lacks("compress chunks", "nothing is lost but room");
            } else if (after.isPresent() && there.isEmpty()) {
                if (!state.compressed()) {
                    step(sql.compress(), "its chunks are not compressed", Finding.Severity.WARNING);
                }
                step(sql.addCompression(after.get()), "its chunks are not compressed", Finding.Severity.WARNING);
            } else if (there.isPresent() && !there.equals(after.map(Duration::toSeconds))) {
                differs(
                        "its chunks are compressed at " + shown(there.get()),
                        replaced(sql.removeCompression(), after.map(sql::addCompression)));
            }
        }

        private void retention() {
            Optional<Duration> after = spec.retain();
            Optional<Long> there = policy(HypertableState.RETENTION);
            if (after.isPresent() && !edition.whole()) {
                lacks("drop old chunks by itself", "have this run now and then: " + sql.dropChunks(after.get()));
            } else if (after.isPresent() && there.isEmpty()) {
                step(sql.addRetention(after.get()), "its old chunks are not dropped", Finding.Severity.WARNING);
            } else if (there.isPresent() && !there.equals(after.map(Duration::toSeconds))) {
                // A change of a row that was dropped would be taken for one whose row was lost.
                String problem = "its chunks are dropped at " + shown(there.get())
                        + after.map(kept -> ", and the file says " + shown(kept.toSeconds()))
                                .orElse(", and the file keeps them for ever");
                String remedy = replaced(sql.removeRetention(), after.map(sql::addRetention));
                boolean soonerThanSaid =
                        after.isEmpty() || there.get() < after.get().toSeconds();
                findings.add(
                        soonerThanSaid
                                ? Finding.error(place, problem, remedy)
                                : Finding.warning(place, problem, remedy));
            }
        }

        private void aggregate(AggregateSpec view) {
            if (!edition.whole()) {
                lacks(
                        "keep the aggregate " + view.name(),
                        "a plain view gives the same, slower: " + sql.createPlainView(view));
            } else if (!state.views().contains(view.name())) {
                step(sql.createView(view), "there is no aggregate " + view.name(), Finding.Severity.WARNING);
                step(sql.addRefresh(view), "nothing refreshes " + view.name(), Finding.Severity.WARNING);
            }
        }

        private Optional<Long> policy(String name) {
            return Optional.ofNullable(state.policies().get(name));
        }

        private void step(String statement, String problem, Finding.Severity severity) {
            steps.add(new Step(statement, new Finding(severity, place, problem, "Run: " + statement)));
        }

        private void differs(String what, String remedy) {
            findings.add(Finding.warning(place, what + ", and the file says otherwise", remedy));
        }

        private void lacks(String what, String instead) {
            findings.add(Finding.warning(
                    place,
                    "this server's TimescaleDB " + edition.version() + " is the Apache edition, which can't " + what,
                    "Use the community edition, or do without: " + instead + "."));
        }

        private static String replaced(String remove, Optional<String> add) {
            return "Run: " + remove + add.map(statement -> "; " + statement).orElse("")
                    + "; or say the same in the file.";
        }

        private static String shown(long seconds) {
            long day = Duration.ofDays(1).toSeconds();
            return seconds % day == 0 ? seconds / day + " days" : seconds + " seconds";
        }
    }
}

package io.sluice.control.reconcile;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares all rows of a table: those that the sources ask for with the target's, by their keys; and then the keys of the target
 * with those that were asked for. What differs is settled on the way.
 */
final class TableComparison {

    private static final int MOST_SUSPECTS = 1_000;

    private final RowMatch match;
    private final List<Column> keyTypes;
    private final List<SourceSide> sources;
    private final TargetSide target;
    private final Settling settling;
    private final Findings findings;
    private final KeySums keys;
    private final Sampling sampling;
    private final Watcher watcher;
    private List<Suspect> suspects = new ArrayList<>();

    TableComparison(
            RowMatch match,
            RowSchema key,
            List<SourceSide> sources,
            TargetSide target,
            Settling settling,
            Findings findings,
            KeySums keys,
            Sampling sampling,
            Watcher watcher) {
        this.match = match;
        this.keyTypes = key.columns();
        this.sources = sources;
        this.target = target;
        this.settling = settling;
        this.findings = findings;
        this.keys = keys;
        this.sampling = sampling;
        this.watcher = watcher;
    }

    /** Is told how many rows were read, and may take its time. */
    interface Watcher {

        void read(long rows) throws InterruptedException;
    }

    void run() throws InterruptedException {
        for (SourceSide source : sources) {
            source.scan(batch -> compare(source, batch));
        }
        settle();
        if (match.keepsExtras()) {
            findings.target = -1;
            return;
        }
        target.scan(batch -> {
            for (TargetSide.Named each : batch) {
                if (sampling.takes(each.row())) {
                    keys.remove(each.row());
                    findings.target++;
                }
            }
            watcher.read(batch.size());
        });
        if (!keys.areEqual()) {
            target.scan(this::suspectExtras);
            settle();
        }
    }

    /** Target rows that one batch of source rows asks for under one key. */
    private record Group(List<@Nullable Object> key, SourceSide.Read first, List<Expectation.Wanted> wanted) {}

    private void compare(SourceSide source, List<SourceSide.Read> batch) throws InterruptedException {
        Map<RowKey, Group> groups = new LinkedHashMap<>();
        for (SourceSide.Read read : batch) {
            boolean counts = false;
            for (Expectation.Wanted wanted : read.becomes().wanted()) {
                if (sampling.takes(wanted.key())) {
                    counts = true;
                    keys.add(wanted.key());
                    groups.computeIfAbsent(
                                    wanted.key(), none -> new Group(parts(wanted.named()), read, new ArrayList<>()))
                            .wanted()
                            .add(wanted);
                }
            }
            findings.rejected += read.becomes().rejected() ? 1 : 0;
            findings.source += counts || !sampling.isPartial() ? 1 : 0;
        }
        findings.expected += groups.size();
        Map<RowKey, Look.Target> looks =
                target.look(keyTypes, groups.values().stream().map(Group::key).toList());
        for (Map.Entry<RowKey, Group> each : groups.entrySet()) {
            Look.Target look = looks.getOrDefault(each.getKey(), Look.Target.NOTHING);
            if (differs(each.getValue(), look)) {
                suspect(new Suspect(
                        new Suspicion(match, each.getKey()),
                        keyTypes,
                        each.getValue().key(),
                        source,
                        source.keyOf(each.getValue().first().row())));
            }
        }
        watcher.read(batch.size());
    }

    private boolean differs(Group group, Look.Target look) throws InterruptedException {
        List<Row> rows = group.wanted().stream().map(Expectation.Wanted::row).toList();
        Judgement judgement =
                Judgement.of(match, new Look.Source("", rows, false), look, match.mayExpire() ? target.nowMicros() : 0);
        if (judgement.kind() == Judgement.Kind.ALLOWED) {
            findings.allowed();
        }
        return judgement.kind().isDifference();
    }

    private static List<@Nullable Object> parts(Key key) {
        List<@Nullable Object> parts = new ArrayList<>(key.size());
        for (int i = 0; i < key.size(); i++) {
            parts.add(key.part(i));
        }
        return parts;
    }

    private void suspectExtras(List<TargetSide.Named> batch) throws InterruptedException {
        for (TargetSide.Named each : batch) {
            if (sampling.takes(each.row()) && keys.maySuspect(each.row())) {
                suspect(new Suspect(new Suspicion(match, each.row()), target.keyTypes(), each.key(), null, null));
            }
        }
        watcher.read(batch.size());
    }

    private void suspect(Suspect suspect) throws InterruptedException {
        suspects.add(suspect);
        if (suspects.size() >= MOST_SUSPECTS) {
            settle();
        }
    }

    private void settle() throws InterruptedException {
        if (!suspects.isEmpty()) {
            List<Suspect> now = suspects;
            suspects = new ArrayList<>();
            settling.settle(now);
        }
    }
}

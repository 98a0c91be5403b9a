package io.sluice.control.reconcile;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out what is behind suspicions, by looking at both sides again and again. */
final class Settling {

    /** A row that is written to all the time is met at rest in one of so many looks, or never. */
    private static final int MOST_ROUNDS = 30;

    private final List<SourceSide> sources;
    private final TargetSide target;
    private final boolean oneSource;
    private final Proof proof;
    private final HeldKeys held;
    private final RowMatch match;
    private final Outcomes outcomes;
    private List<String> behind = List.of();
    private List<Found> found = new ArrayList<>();

    /** @param oneSource whether a target row that one source table asks for is no other one's matter */
    Settling(
            List<SourceSide> sources,
            TargetSide target,
            boolean oneSource,
            Proof proof,
            HeldKeys held,
            RowMatch match,
            Outcomes outcomes) {
        this.sources = sources;
        this.target = target;
        this.oneSource = oneSource;
        this.proof = proof;
        this.held = held;
        this.match = match;
        this.outcomes = outcomes;
    }

    /** A difference that is real, unless the row is held. */
    private record Found(Suspect suspect, Judgement judgement) {}

    /** Takes what came out. */
    interface Outcomes {

        void settled(Suspect suspect, Judgement judgement);

        /** The pipeline writes this row all the time, as its source does, and no two looks met the same version. */
        void moving(Suspect suspect);

        void unsettled(Suspect suspect);

        /** Changes of this row lie aside, so it differs, and rightly. */
        void held(Suspect suspect);
    }

    /** What is behind, and has not caught up in the time that there was; empty: nothing. */
    List<String> behind() {
        return behind;
    }

    /** To be told when a wait was in vain: then nobody waits again. */
    void isBehind(List<String> hops) {
        behind = hops;
    }

    void settle(List<Suspect> suspects) throws InterruptedException {
        List<Suspect> open = new ArrayList<>(suspects);
        // Most were only on their way, and have arrived by now.
        lookAtSources(open);
        lookAtTarget(open, false);
        withoutHeld(open);
        for (int round = 0; round < MOST_ROUNDS && !open.isEmpty(); round++) {
            lookAtSources(open);
            boolean applied = behind.isEmpty() && awaitApplied();
            lookAtTarget(open, applied);
            if (!applied) {
                break;
            }
        }
        if (behind.isEmpty()) {
            lookAtSources(open);
        }
        for (Suspect suspect : open) {
            if (behind.isEmpty() && suspect.suspicion().isMoving()) {
                outcomes.moving(suspect);
            } else {
                outcomes.unsettled(suspect);
            }
        }
        tellFound();
    }

    private void withoutHeld(List<Suspect> open) throws InterruptedException {
        if (open.isEmpty()) {
            return;
        }
        HeldRows now = new HeldRows(held.read(), match, sources);
        for (Iterator<Suspect> each = open.iterator(); each.hasNext(); ) {
            Suspect suspect = each.next();
            if (now.contains(suspect)) {
                outcomes.held(suspect);
                each.remove();
            }
        }
    }

    /** What is held now may have been laid aside while we looked. */
    private void tellFound() throws InterruptedException {
        if (found.isEmpty()) {
            return;
        }
        HeldRows now = new HeldRows(held.read(), match, sources);
        for (Found each : found) {
            if (now.contains(each.suspect())) {
                outcomes.held(each.suspect());
            } else {
                outcomes.settled(each.suspect(), each.judgement());
            }
        }
        found = new ArrayList<>();
    }

    private boolean awaitApplied() throws InterruptedException {
        behind = proof.await().behind();
        return behind.isEmpty();
    }

    private void lookAtSources(List<Suspect> open) throws InterruptedException {
        if (open.isEmpty()) {
            return;
        }
        Map<RowKey, SourceSide.Asked> asked = new LinkedHashMap<>();
        for (SourceSide source : sources) {
            List<Suspect> here = open.stream()
                    .filter(suspect -> !oneSource || suspect.from() == null || suspect.from() == source)
                    .toList();
            if (!here.isEmpty()) {
                source.look(here, asked);
            }
        }
        for (Iterator<Suspect> each = open.iterator(); each.hasNext(); ) {
            Suspect suspect = each.next();
            SourceSide.Asked now = asked.get(suspect.row());
            Optional<Judgement> judgement = suspect.suspicion().source(now == null ? Look.Source.NOTHING : now.look());
            settled(suspect, judgement, each);
        }
    }

    private void lookAtTarget(List<Suspect> open, boolean applied) throws InterruptedException {
        if (open.isEmpty()) {
            return;
        }
        Map<RowKey, Look.Target> looks = target.look(open);
        long now = target.nowMicros();
        for (Iterator<Suspect> each = open.iterator(); each.hasNext(); ) {
            Suspect suspect = each.next();
            Look.Target look = looks.getOrDefault(suspect.row(), Look.Target.NOTHING);
            settled(suspect, suspect.suspicion().target(look, applied, now), each);
        }
    }

    private void settled(Suspect suspect, Optional<Judgement> judgement, Iterator<Suspect> open) {
        if (judgement.isPresent()) {
            if (judgement.get().kind().isDifference()) {
                found.add(new Found(suspect, judgement.get()));
            } else {
                outcomes.settled(suspect, judgement.get());
            }
            open.remove();
        }
    }
}

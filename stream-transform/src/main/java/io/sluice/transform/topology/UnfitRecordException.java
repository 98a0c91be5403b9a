package io.sluice.transform.topology;

import io.sluice.platform.deadletter.Reason;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.MappingResult;
import org.jspecify.annotations.Nullable;

/** This record can't become rows, now or later, and nothing else is wrong. Its stack says nothing and is left out. */
final class UnfitRecordException extends Exception {

    private final Verdict verdict;

    private UnfitRecordException(Verdict verdict) {
        super(verdict.problem(), null, false, false);
        this.verdict = verdict;
    }

    static UnfitRecordException unreadable(String code, @Nullable String problem) {
        return new UnfitRecordException(new Verdict(
                Verdict.TRANSFORM, Reason.UNREADABLE, code, "the change can't be read: " + problem, null, null));
    }

    static UnfitRecordException unmappable(TargetTable table, MappingResult.Rejected rejected, Position position) {
        String rule = rejected.rule().orElse(null);
        return new UnfitRecordException(new Verdict(
                Verdict.TRANSFORM,
                rule == null ? Reason.UNMAPPABLE : Reason.RULE,
                rule == null ? "RECORD_REJECTED" : "RULE_BROKEN",
                "the change can't become a row of " + table + ": " + rejected.reason(),
                rule,
                position.toString()));
    }

    static UnfitRecordException parked(Position position) {
        return new UnfitRecordException(new Verdict(
                Verdict.TRANSFORM,
                Reason.PARKED,
                "KEY_PARKED",
                "an earlier change of its key is a dead letter",
                null,
                position.toString()));
    }

    Verdict verdict() {
        return verdict;
    }
}

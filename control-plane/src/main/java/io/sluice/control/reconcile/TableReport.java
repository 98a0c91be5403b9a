package io.sluice.control.reconcile;

import io.sluice.schemas.model.TargetTable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a table compares with its sources.
 *
 * @param level how closely it was looked at
 * @param counts of rows
 * @param differences the first ones
 * @param plain what some rows look like to plain SQL; empty where the file leaves nothing to be compared so
 * @param position up to where everything was applied before the first row was read
 * @param behind what kept suspicions from being settled; empty: nothing
 * @param notes what was left out of the comparison, and why
 * @param finished as of when
 */
public record TableReport(
        String service,
        TargetTable table,
        String level,
        Counts counts,
        List<Difference> differences,
        Optional<Plain> plain,
        String position,
        List<String> behind,
        List<String> notes,
        Instant finished,
        Duration took) {

    public TableReport {
        differences = List.copyOf(differences);
        behind = List.copyOf(behind);
        notes = List.copyOf(notes);
    }

    /**
     * Numbers of rows.
     *
     * @param source rows of the source that were read
     * @param expected target rows that they become
     * @param target rows at the target; -1 where nobody had to count them
     * @param allowed rows that differ as the file's own rules have it
     * @param rejected source rows that can't be mapped: they lie among the dead letters
     * @param held rows that differ because changes of theirs are parked at a dead letter, or wait for another row
     * @param moving rows that both sides wrote all the time, so that no version of them was met on both
     * @param unsettled rows that differ, while it is not known whether they are only on their way
     */
    public record Counts(
            long source,
            long expected,
            long target,
            long missing,
            long extra,
            long mismatched,
            long allowed,
            long rejected,
            long held,
            long moving,
            long unsettled) {

        public double mismatchRate() {
            return source == 0 ? 0 : (double) mismatched / source;
        }
    }

    /**
     * Rows compared without the mapping and all that belongs to it.
     *
     * @param columns that differ
     */
    public record Plain(long rows, long different, Set<String> columns) {

        public Plain {
            columns = Set.copyOf(columns);
        }
    }

    /** What it comes to. */
    public enum Verdict {
        EQUAL,
        /** Equal but for rows that lie among the dead letters. */
        EXCEPT,
        DIFFERENT,
        /** No difference was found, but of some rows it is not known. */
        UNSETTLED
    }

    public Verdict verdict() {
        boolean plainlyWrong = plain.filter(check -> check.different() > 0).isPresent();
        if (plainlyWrong || counts.missing() + counts.extra() + counts.mismatched() > 0) {
            return Verdict.DIFFERENT;
        }
        if (counts.unsettled() > 0 || !behind.isEmpty()) {
            return Verdict.UNSETTLED;
        }
        return counts.rejected() + counts.held() > 0 ? Verdict.EXCEPT : Verdict.EQUAL;
    }

    /** {@code service.table}. */
    public String name() {
        return service + "." + table;
    }
}

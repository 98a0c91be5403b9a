package io.sluice.platform.preflight;

import io.sluice.platform.error.SluiceException;
import java.util.Objects;

/**
 * One thing that a check found.
 *
 * @param place what it is about: a table, a setting, a server
 * @param remedy what to do, with the SQL to run where there is some
 */
public record Finding(Severity severity, String place, String problem, String remedy) {

    public Finding {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(problem, "problem");
        Objects.requireNonNull(remedy, "remedy");
    }

    public static Finding error(String place, String problem, String remedy) {
        return new Finding(Severity.ERROR, place, problem, remedy);
    }

    public static Finding warning(String place, String problem, String remedy) {
        return new Finding(Severity.WARNING, place, problem, remedy);
    }

    /** What kept a check from running, or would halt a stage: an error like any other, under the code of its runbook. */
    public static Finding of(String place, SluiceException failure) {
        String where = failure.place();
        return error(where == null ? place : where, failure.problem() + " [" + failure.code() + "]", failure.remedy());
    }

    /** The same, said to be there. */
    public Finding at(String where) {
        return new Finding(severity, where, problem, remedy);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** How bad it is: nothing runs with an ERROR. */
    public enum Severity {
        ERROR,
        WARNING,
        INFO
    }
}

package io.sluice.platform.preflight;

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

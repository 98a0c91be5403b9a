package io.sluice.platform.error;

import org.jspecify.annotations.Nullable;

/** A failure that a person can act on. Its subclasses say how the code that catches it is to react. */
public abstract sealed class SluiceException extends RuntimeException
        permits BadInputException, EnvironmentException, HaltException {

    private final String code;
    private final String problem;
    private final @Nullable String place;
    private final String remedy;

    /**
     * @param code stable and upper case, {@code SLOT_LOST} say: the name of its runbook
     * @param place a file position, table, topic partition or server; null where the problem says it already
     * @param remedy what to do next
     */
    protected SluiceException(
            String code, String problem, @Nullable String place, String remedy, @Nullable Throwable cause) {
        super(sentence(code, problem, place, remedy), cause);
        this.code = code;
        this.problem = problem;
        this.place = place;
        this.remedy = remedy;
    }

    private static String sentence(String code, String problem, @Nullable String place, String remedy) {
        return (place == null ? "" : place + ": ") + problem + " [" + code + "]. " + remedy;
    }

    public abstract ExitCode exitCode();

    public String code() {
        return code;
    }

    public String problem() {
        return problem;
    }

    public @Nullable String place() {
        return place;
    }

    public String remedy() {
        return remedy;
    }
}

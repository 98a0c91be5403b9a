package io.sluice.transform.mapping.custom;

/** There is no mapper to be had, and why. Caught where its place in the pipeline file is known. */
public final class UnusableMapperException extends Exception {

    private final String problem;
    private final String remedy;

    UnusableMapperException(String problem, String remedy) {
        super(problem, null, false, false);
        this.problem = problem;
        this.remedy = remedy;
    }

    public String problem() {
        return problem;
    }

    public String remedy() {
        return remedy;
    }
}

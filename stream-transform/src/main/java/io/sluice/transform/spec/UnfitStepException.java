package io.sluice.transform.spec;

/** Something in a spec makes no sense for its table. Caught where the place is known. */
final class UnfitStepException extends Exception {

    private final String problem;
    private final String suggestion;

    UnfitStepException(String problem, String suggestion) {
        super(problem, null, false, false);
        this.problem = problem;
        this.suggestion = suggestion;
    }

    String problem() {
        return problem;
    }

    String suggestion() {
        return suggestion;
    }
}

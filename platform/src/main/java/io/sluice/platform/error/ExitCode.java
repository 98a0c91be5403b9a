package io.sluice.platform.error;

/** How a process ends, decided once. */
public enum ExitCode {
    DONE(0),
    FAILED(1),
    BAD_INPUT(2),
    ENVIRONMENT(3);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}

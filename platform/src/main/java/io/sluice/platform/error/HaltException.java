package io.sluice.platform.error;

import org.jspecify.annotations.Nullable;

/** Going on could lose or corrupt data: the stage stops, says why, and waits for a person. */
public non-sealed class HaltException extends SluiceException {

    public HaltException(String code, String problem, @Nullable String place, String remedy) {
        this(code, problem, place, remedy, null);
    }

    public HaltException(
            String code, String problem, @Nullable String place, String remedy, @Nullable Throwable cause) {
        super(code, problem, place, remedy, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.FAILED;
    }
}

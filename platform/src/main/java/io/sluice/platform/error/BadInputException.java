package io.sluice.platform.error;

import org.jspecify.annotations.Nullable;

/** What the user gave us is wrong; trying again without changing it is in vain. */
public final class BadInputException extends SluiceException {

    public BadInputException(String code, String problem, @Nullable String place, String remedy) {
        super(code, problem, place, remedy, null);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.BAD_INPUT;
    }
}

package io.sluice.platform.error;

import org.jspecify.annotations.Nullable;

/** A server, file or right that we need is not there now; the same step may succeed later. */
public final class EnvironmentException extends SluiceException {

    public EnvironmentException(
            String code, String problem, @Nullable String place, String remedy, @Nullable Throwable cause) {
        super(code, problem, place, remedy, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.ENVIRONMENT;
    }
}

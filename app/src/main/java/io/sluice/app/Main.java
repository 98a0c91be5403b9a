package io.sluice.app;

import io.sluice.app.cli.Cli;
import io.sluice.platform.error.ExitCode;
import java.util.List;

/** Starts a command and ends with its exit code. */
public final class Main {

    private static final String LOG_FORMAT = "SLUICE_LOG_FORMAT";

    private Main() {}

    public static void main(String[] arguments) {
        // Before anything is logged: with another word there would be no log at all.
        String format = System.getenv(LOG_FORMAT);
        if (format != null && !List.of("text", "json").contains(format)) {
            System.err.println("sluice: " + LOG_FORMAT + " is text or json, not " + format);
            System.exit(ExitCode.BAD_INPUT.number());
        }
        System.exit(Cli.ofProcess().run(arguments));
    }
}

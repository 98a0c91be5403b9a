package io.sluice.app;

import io.sluice.app.cli.Cli;

/** Starts a command and ends with its exit code. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(Cli.ofProcess().run(arguments));
    }
}

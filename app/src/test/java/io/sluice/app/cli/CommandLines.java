package io.sluice.app.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Reads command lines without running them. */
public final class CommandLines {

    private CommandLines() {}

    /** @throws picocli.CommandLine.ParameterException if there is no such command or option */
    public static ParseResult parse(List<String> arguments) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        return new Cli(new Console(nowhere, nowhere, false)).commandLine().parseArgs(arguments.toArray(new String[0]));
    }
}

package io.sluice.app.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which letters are meant: exactly one of these. */
final class LetterOptions {

    @Option(
            names = "--letter",
            paramLabel = "N",
            required = true,
            description = "The key of this letter, as `dead-letters show` numbers it.")
    @Nullable
    Long number;

    @Option(
            names = "--table",
            paramLabel = "TABLE",
            required = true,
            description = "All keys of this table, as `dead-letters list` names it.")
    @Nullable
    String table;

    @Option(names = "--all", required = true, description = "All keys of the service.")
    boolean all;
}

package io.sluice.app.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.cli.CommandLines;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** The command line of a role in a deployment, read as the process itself reads it. */
final class RoleArguments {

    private final ParseResult run;

    RoleArguments(List<String> arguments) {
        ParseResult parsed = CommandLines.parse(arguments);
        assertThat(parsed.subcommand()).as("a command").isNotNull();
        run = parsed.subcommand();
        assertThat(run.commandSpec().name()).isEqualTo("run");
    }

    String option(String name) {
        assertThat(run.hasMatchedOption(name)).as("%s is given", name).isTrue();
        return run.matchedOption(name).stringValues().get(0);
    }

    String file() {
        return run.matchedPositional(0).stringValues().get(0);
    }

    int port() {
        String listen = option("--listen");
        return Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1));
    }

    /** The files that it reads, which must be mounted. */
    List<String> files() {
        return List.of(file(), option("--http-token-file"), option("--http-cert"), option("--http-key"));
    }
}

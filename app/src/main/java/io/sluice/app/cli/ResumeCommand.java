package io.sluice.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice resume FILE}. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        description = {
            "Has a source, a service or a table that was paused go on where it stopped.",
            "It takes back `sluice pause`, and no halt: for these see the runbooks."
        })
final class ResumeCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Mixin
    private PartOptions part = new PartOptions();

    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why, for the audit log.")
    private String reason = "";

    ResumeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        return part.carryOut(console, file, "resume", reason);
    }
}

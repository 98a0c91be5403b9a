package io.sluice.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice pause FILE}. */
@Command(
        name = "pause",
        mixinStandardHelpOptions = true,
        description = {
            "Lets a source, a service or one of its tables rest until `sluice resume`, across restarts.",
            "Nothing is lost: a paused source keeps its slot, and a service finds its changes in Kafka. Mind for how long"
                    + " these keep them: `sluice status` tells. Who asked, and why, is in the audit log.",
            "A paused service maps and writes nothing. A paused table is not written; its changes are mapped."
        })
final class PauseCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Mixin
    private PartOptions part = new PartOptions();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            description = "Why, for the audit log and for status.")
    private String reason = "";

    PauseCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        return part.carryOut(console, file, "pause", reason);
    }
}

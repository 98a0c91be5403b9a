package io.sluice.app.cli;

import io.sluice.app.wiring.AsideRequests;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice dead-letters set-aside FILE}. */
@Command(
        name = "set-aside",
        mixinStandardHelpOptions = true,
        description = {
            "Has the sink of a strong service step over one transaction that it has halted at: all of it becomes dead letters.",
            "The sink does it when it comes there; a later transaction that changes a row of it halts the service again.",
            "`sluice backfill` of its tables brings the rows, and settles it."
        })
final class SetAsideCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PipelineFile file = new PipelineFile();

    @Option(names = "--service", paramLabel = "SERVICE", required = true, description = "The strong service.")
    private String service = "";

    @Option(
            names = "--transaction",
            paramLabel = "NAME@POSITION",
            required = true,
            description = "The transaction and its position, as the halt names them.")
    private String transaction = "";

    SetAsideCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        ServiceSpec of = LetterChoice.service(spec.commandLine(), pipeline.get(), service);
        int at = transaction.lastIndexOf('@');
        if (!of.isStrong()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "service " + service + " is not strong: it goes on past what its target refuses by itself");
        }
        if (at < 1 || !transaction.substring(at + 1).matches("[0-9]+/[0-9a-f]+/[0-9]+")) {
            throw new ParameterException(
                    spec.commandLine(), "--transaction takes NAME@POSITION, as in 1234@1/16b3748/0");
        }
        boolean done = new AsideRequests(pipeline.get(), of)
                .ask(transaction.substring(0, at), transaction.substring(at + 1), System.getProperty("user.name"));
        console.out()
                .println(
                        done
                                ? "It has been set aside before."
                                : "Its sink sets it aside when it comes to it. Start the pipeline again if it has halted.");
        console.out().flush();
        return ExitCode.DONE.number();
    }
}

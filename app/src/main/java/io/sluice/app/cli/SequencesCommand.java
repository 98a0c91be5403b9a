package io.sluice.app.cli;

import io.sluice.app.wiring.Sequences;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.sink.sql.TargetSequences;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice sequences FILE}. */
@Command(
        name = "sequences",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the SQL that puts the targets' sequences and identities behind every number that came from the sources, "
                    + "for the cutover: when nobody writes to the sources any more, and before the services write.",
            "A column that its source numbers and that has no sequence gets an identity. None is ever set back; to run it "
                    + "twice does no harm."
        })
final class SequencesCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private PipelineFile file = new PipelineFile();

    @Option(names = "--apply", description = "Run it, all or nothing in each target.")
    private boolean apply;

    SequencesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        Sequences sequences = Sequences.read(pipeline.get());
        for (Finding finding : sequences.unreachable()) {
            console.err()
                    .println("warning: " + finding.place() + ": " + finding.problem()
                            + ". Numbers that it gave to rows which are gone may be given again.");
        }
        sequences.services().forEach(apply ? this::apply : this::print);
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private void print(Sequences.OfService service) {
        PrintWriter out = console.out();
        out.println(
                "-- service " + service.service() + ", at " + service.target().address());
        if (service.steps().isEmpty()) {
            out.println("-- no column there is numbered");
        }
        for (TargetSequences.Step step : service.steps()) {
            step.statements().forEach(statement -> out.println(statement + ";"));
        }
    }

    private void apply(Sequences.OfService service) {
        List<OptionalLong> numbers = service.apply();
        for (int i = 0; i < numbers.size(); i++) {
            TargetSequences.Step step = service.steps().get(i);
            OptionalLong number = numbers.get(i);
            console.out()
                    .println("service " + service.service() + ": " + step.table() + "." + step.column()
                            + (number.isPresent()
                                    ? " goes on behind " + number.getAsLong()
                                    : " begins with its first number"));
        }
    }
}

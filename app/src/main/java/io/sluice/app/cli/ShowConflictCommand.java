package io.sluice.app.cli;

import io.sluice.app.wiring.Conflicts;
import io.sluice.app.wiring.Conflicts.Sent;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.parking.OpenConflict;
import io.sluice.transform.spec.ValueText;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice conflicts show FILE}. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Prints where both rows of a conflict stand; their values only if asked.")
final class ShowConflictCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(names = "--service", paramLabel = "SERVICE", required = true, description = "Whose conflict.")
    private String service = "";

    @Option(
            names = "--conflict",
            paramLabel = "NAME",
            required = true,
            description = "Which one, as `conflicts list` names it.")
    private String name = "";

    @Option(
            names = "--values",
            description =
                    "Print the values too: of the change that met the conflict, of the latest behind it, and of the "
                            + "target's row as it is now.")
    private boolean values;

    ShowConflictCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        ServiceSpec of = LetterChoice.service(spec.commandLine(), pipeline.get(), service);
        ConflictNames names = new ConflictNames(pipeline.get(), of);
        try (Servers servers = Servers.open(pipeline.get(), file.stateFolder())) {
            Conflicts conflicts = new Conflicts(pipeline.get(), of);
            OpenConflict conflict = names.named(spec.commandLine(), conflicts.all(ConflictNames.MOST), name);
            print(names, conflict);
            if (values) {
                Sent first =
                        Conflicts.sent(servers.schemas(), conflict.records().get(0));
                side("source, the change that met it", first);
                if (conflict.behind() > 0) {
                    side("source, the latest change behind it", latest(servers, conflict));
                }
                Optional<Row> there = conflicts.targets(names.table(conflict), first.key());
                console.out().println(there.isPresent() ? "  target, now" : "  target: the row is not there");
                there.ifPresent(row -> columns(row.schema(), row::value));
            }
        }
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private static Sent latest(Servers servers, OpenConflict conflict) {
        List<ConsumerRecord<byte[], byte @Nullable []>> records = conflict.records();
        return Conflicts.sent(servers.schemas(), records.get(records.size() - 1));
    }

    private void print(ConflictNames names, OpenConflict conflict) {
        PrintWriter out = console.out();
        out.println("conflict " + name + ", " + Instant.ofEpochMilli(conflict.sinceMillis()));
        out.println("  table     " + names.table(conflict));
        out.println("  problem   " + conflict.problem());
        out.println("  position  " + conflict.position());
        out.println("  record    " + conflict.partition().topic() + " partition "
                + conflict.partition().partition() + " offset " + conflict.offset());
        out.println("  behind it " + conflict.behind() + (conflict.behind() == 1 ? " change" : " changes")
                + (conflict.behind() == 0 ? "" : ", the latest at offset " + conflict.upTo()));
    }

    private void side(String which, Sent sent) {
        Row row = sent.row();
        console.out().println("  " + which + (row == null ? ": a delete" : ""));
        if (row == null) {
            columns(sent.key().schema(), sent.key()::part);
        } else {
            columns(row.schema(), row::value);
        }
    }

    private void columns(RowSchema schema, IntFunction<@Nullable Object> of) {
        int width = schema.columns().stream()
                .mapToInt(column -> column.name().length())
                .max()
                .orElse(0);
        for (int i = 0; i < schema.size(); i++) {
            Column column = schema.column(i);
            console.out()
                    .println("    " + column.name()
                            + " ".repeat(width - column.name().length() + 2)
                            + ValueText.of(column.type(), of.apply(i)));
        }
    }
}

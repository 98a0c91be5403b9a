package io.sluice.app.cli;

import io.sluice.app.wiring.Conflicts;
import io.sluice.app.wiring.Letters;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.parking.OpenConflict;
import io.sluice.sink.parking.ParkedKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice conflicts resolve FILE}. */
@Command(
        name = "resolve",
        mixinStandardHelpOptions = true,
        description = {
            "Says who prevails, with all that has come behind the conflict until now.",
            "With `source` the changes that wait are written over the target's row, in their order; with `target` they are "
                    + "given up. What comes later is judged anew.",
            "The sinks' answer is waited for: it ends with 1 if the target refuses rows, with 3 if no sink answers."
        })
final class ResolveConflictsCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(names = "--service", paramLabel = "SERVICE", required = true, description = "Whose conflicts.")
    private String service = "";

    @ArgGroup(multiplicity = "1")
    private Which which = new Which();

    @Option(
            names = "--take",
            paramLabel = "SIDE",
            required = true,
            description = "Whose row prevails: ${COMPLETION-CANDIDATES}.")
    private Side take = Side.target;

    /** Which conflicts are meant: exactly one of these. */
    static final class Which {

        @Option(
                names = "--conflict",
                paramLabel = "NAME",
                required = true,
                description = "This one, as `conflicts list` names it.")
        private @Nullable String name;

        @Option(names = "--table", paramLabel = "TABLE", required = true, description = "All of this table.")
        private @Nullable String table;

        @Option(names = "--all", required = true, description = "All of the service.")
        private boolean all;
    }

    /** As people write them. */
    enum Side {
        source,
        target
    }

    ResolveConflictsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        ServiceSpec of = LetterChoice.service(spec.commandLine(), pipeline.get(), service);
        try (Servers servers = Servers.open(pipeline.get(), file.stateFolder())) {
            Conflicts conflicts = new Conflicts(pipeline.get(), of);
            List<OpenConflict> chosen =
                    chosen(new ConflictNames(pipeline.get(), of), conflicts.all(ConflictNames.MOST));
            if (chosen.isEmpty()) {
                console.out().println("There is no such conflict.");
                return ExitCode.DONE.number();
            }
            Set<String> asked = new HashSet<>(new Letters(pipeline.get(), of, servers.kafka()).ask(requests(chosen)));
            return answer(conflicts, chosen, asked).number();
        } finally {
            console.out().flush();
        }
    }

    private List<OpenConflict> chosen(ConflictNames names, List<OpenConflict> all) {
        String name = which.name;
        if (name != null) {
            return List.of(names.named(spec.commandLine(), all, name));
        }
        return all.stream()
                .filter(conflict ->
                        which.all || names.table(conflict).toString().equals(which.table))
                .toList();
    }

    /** One for a partition where all of a table are meant: the sinks know the keys. */
    private List<HeldRequest> requests(List<OpenConflict> chosen) {
        HeldRequest.Action action =
                take == Side.source ? HeldRequest.Action.TAKE_SOURCE : HeldRequest.Action.TAKE_TARGET;
        if (which.name != null) {
            OpenConflict one = chosen.get(0);
            return List.of(new HeldRequest(
                    action, one.partition().topic(), one.partition().partition(), Bytes.wrap(one.key()), one.upTo()));
        }
        Map<RowPartition, Long> last = new HashMap<>();
        chosen.forEach(conflict -> last.merge(conflict.partition(), conflict.upTo(), Math::max));
        List<HeldRequest> requests = new ArrayList<>();
        last.forEach((partition, upTo) ->
                requests.add(new HeldRequest(action, partition.topic(), partition.partition(), null, upTo)));
        return requests;
    }

    private ExitCode answer(Conflicts conflicts, List<OpenConflict> chosen, Set<String> asked)
            throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Map<ParkedKey, OpenConflict> open = conflicts.all(ConflictNames.MOST).stream()
                    .collect(Collectors.toMap(
                            ResolveConflictsCommand::key, conflict -> conflict, (one, other) -> other));
            List<OpenConflict> left = new ArrayList<>();
            for (OpenConflict each : chosen) {
                OpenConflict still = open.get(key(each));
                // A later change of the key may be the next conflict already.
                if (still != null && still.offset() <= each.upTo()) {
                    left.add(still);
                }
            }
            boolean complete = left.stream().allMatch(conflict -> asked.contains(conflict.asked()));
            if (complete || System.nanoTime() - until >= 0) {
                return told(chosen.size() - left.size(), left, complete);
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private static ParkedKey key(OpenConflict conflict) {
        return ParkedKey.of(conflict.partition(), conflict.key());
    }

    private ExitCode told(int resolved, List<OpenConflict> left, boolean complete) {
        console.out()
                .println(resolved + (resolved == 1 ? " conflict is" : " conflicts are") + " resolved, " + left.size()
                        + " " + (left.size() == 1 ? "is" : "are") + " open still.");
        if (!complete) {
            console.err().println("No sink has answered yet; one that runs later does it. `conflicts list` shows it.");
            return ExitCode.ENVIRONMENT;
        }
        left.stream().map(OpenConflict::problem).distinct().forEach(console.err()::println);
        return left.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }
}

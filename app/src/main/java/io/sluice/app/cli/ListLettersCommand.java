package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.app.wiring.HeldRows;
import io.sluice.app.wiring.Letters;
import io.sluice.app.wiring.Letters.Letter;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice dead-letters list FILE}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = {
            "Counts the letters of each service by stage, table and reason, of the latest 100,000.",
            "For those of a sink it also says how many are held still, and how many rows wait for others."
        })
final class ListLettersCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(names = "--json", description = "Print the groups as JSON.")
    private boolean json;

    ListLettersCommand(Console console) {
        this.console = console;
    }

    private record Group(String service, String stage, String table, String reason, String code)
            implements Comparable<Group> {

        @Override
        public int compareTo(Group other) {
            return toString().compareTo(other.toString());
        }
    }

    private static final class Count {
        private int letters;
        private int held;
        private long oldestMillis = Long.MAX_VALUE;

        private void add(long atMillis) {
            oldestMillis = Math.min(oldestMillis, atMillis);
        }
    }

    @Override
    public Integer call() {
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        Pipeline pipeline = read.get();
        Map<Group, Count> groups = new TreeMap<>();
        try (Servers servers = Servers.open(pipeline, file.stateFolder())) {
            for (ServiceSpec service : pipeline.services()) {
                count(pipeline, service, servers, groups);
            }
        }
        console.out().print(json ? json(groups) : text(groups));
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private static void count(Pipeline pipeline, ServiceSpec service, Servers servers, Map<Group, Count> groups) {
        Map<String, String> tables = LetterChoice.tables(pipeline, service);
        Set<String> held = new HashSet<>();
        for (HeldRows.Row row : new HeldRows(pipeline, service).all(LetterChoice.MOST)) {
            if (row.state().equals("refused") || row.state().equals("parked")) {
                held.add(place(row.topic(), row.partition(), row.offset()));
            } else if (!row.isInConflict()) {
                Group group = new Group(
                        service.name(), Verdict.SINK, LetterChoice.table(tables, row.topic()), row.state(), row.code());
                Count count = groups.computeIfAbsent(group, first -> new Count());
                count.held++;
                count.add(row.heldAtMillis());
            }
        }
        for (Letter letter : new Letters(pipeline, service, servers.kafka()).latest(LetterChoice.MOST)) {
            Verdict verdict = letter.content().verdict();
            Group group = new Group(
                    service.name(),
                    verdict.stage(),
                    LetterChoice.table(tables, letter.content().topic()),
                    LetterChoice.reason(letter),
                    verdict.code());
            Count count = groups.computeIfAbsent(group, first -> new Count());
            count.letters++;
            count.add(letter.writtenAtMillis());
            count.held += held.contains(place(
                            letter.content().topic(),
                            letter.content().partition(),
                            letter.content().offset()))
                    ? 1
                    : 0;
        }
    }

    private static String place(String topic, int partition, long offset) {
        return topic + "-" + partition + "@" + offset;
    }

    private static String text(Map<Group, Count> groups) {
        if (groups.isEmpty()) {
            return "no dead letters\n";
        }
        StringBuilder text = new StringBuilder();
        groups.forEach((group, count) -> text.append(group.service())
                .append("  ")
                .append(group.stage())
                .append("  ")
                .append(group.table())
                .append("  ")
                .append(group.reason())
                .append(group.code().isEmpty() ? "" : " " + group.code())
                .append(": ")
                .append(count.letters)
                .append(count.letters == 1 ? " letter" : " letters")
                .append(group.stage().equals(Verdict.SINK) ? ", " + count.held + " held" : "")
                .append(", oldest ")
                .append(Instant.ofEpochMilli(count.oldestMillis))
                .append(" (")
                .append(age(count.oldestMillis))
                .append(" ago)\n"));
        return text.toString();
    }

    private static String age(long sinceMillis) {
        Duration age = Duration.ofMillis(Math.max(0, System.currentTimeMillis() - sinceMillis));
        return age.toDays() > 0 ? age.toDays() + "d" : age.toHours() > 0 ? age.toHours() + "h" : age.toMinutes() + "m";
    }

    private static String json(Map<Group, Count> groups) {
        ArrayNode array = new JsonMapper().createArrayNode();
        groups.forEach((group, count) -> {
            ObjectNode node = array.addObject();
            node.put("service", group.service());
            node.put("stage", group.stage());
            node.put("table", group.table());
            node.put("reason", group.reason());
            node.put("code", group.code());
            node.put("letters", count.letters);
            node.put("held", count.held);
            node.put("oldest", Instant.ofEpochMilli(count.oldestMillis).toString());
        });
        return array.toPrettyString() + "\n";
    }
}

package io.sluice.app.cli;

import io.sluice.app.wiring.HeldRows;
import io.sluice.app.wiring.Letters;
import io.sluice.app.wiring.Letters.Letter;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Which letters an operator means, and what becomes of the rows that sinks hold for them. */
final class HeldChoice {

    private final HeldRows target;
    private final Letters letters;
    private final List<Letter> chosen = new ArrayList<>();
    private final List<HeldRows.Row> chosenRows = new ArrayList<>();

    private record Partition(String topic, int number) {}

    private record Place(Partition partition, long offset) {

        private static Place of(HeldRows.Row row) {
            return new Place(new Partition(row.topic(), row.partition()), row.offset());
        }
    }

    /** What became of the rows that a request was about. */
    record Answer(int gone, int still, boolean complete) {}

    /**
     * @param number of one letter; null if not asked by it
     * @param table of all letters; null for those of every table
     */
    HeldChoice(
            CommandLine command,
            Pipeline pipeline,
            ServiceSpec service,
            Letters letters,
            @Nullable Long number,
            @Nullable String table) {
        this.letters = letters;
        this.target = new HeldRows(pipeline, service);
        Map<String, String> tables = LetterChoice.tables(pipeline, service);
        for (Letter letter : letters.latest(LetterChoice.MOST)) {
            boolean named = number == null
                    ? table == null
                            || table.equals(
                                    LetterChoice.table(tables, letter.content().topic()))
                    : letter.number() == number;
            if (named) {
                chosen.add(letter);
            }
        }
        if (chosen.isEmpty() && number != null) {
            throw new ParameterException(
                    command, "service " + service.name() + " has no letter " + number + " among its latest");
        }
        List<HeldRows.Row> all = target.all(LetterChoice.MOST);
        Set<HeldRows.Key> keys = number == null
                ? Set.of()
                : all.stream()
                        .filter(chosen.get(0)::isIn)
                        .map(HeldRows.Row::ofKey)
                        .collect(Collectors.toSet());
        for (HeldRows.Row row : all) {
            boolean open = row.state().equals("refused") || row.state().equals("parked");
            boolean named = number == null
                    ? table == null || table.equals(LetterChoice.table(tables, row.topic()))
                    : keys.contains(row.ofKey());
            if (open && named) {
                chosenRows.add(row);
            }
        }
    }

    /** Of the transform. */
    List<Letter> mapped() {
        return chosen.stream()
                .filter(letter -> letter.content().verdict().stage().equals(Verdict.TRANSFORM))
                .toList();
    }

    boolean isHeld() {
        return !chosenRows.isEmpty();
    }

    /** Asks the sinks, and waits for what they do. */
    Answer ask(HeldRequest.Action action, boolean oneKey, Duration patience) throws InterruptedException {
        Map<Partition, Long> last = new HashMap<>();
        for (HeldRows.Row row : chosenRows) {
            last.merge(new Partition(row.topic(), row.partition()), row.offset(), Math::max);
        }
        Bytes key = oneKey ? chosen.get(0).content().key() : null;
        List<HeldRequest> requests = new ArrayList<>();
        last.forEach((partition, upTo) ->
                requests.add(new HeldRequest(action, partition.topic(), partition.number(), key, upTo)));
        Set<String> asked = new HashSet<>(letters.ask(requests));
        long until = System.nanoTime() + patience.toNanos();
        while (true) {
            Set<Place> held = new HashSet<>();
            Set<HeldRows.Key> answered = new HashSet<>();
            for (HeldRows.Row row : target.all(LetterChoice.MOST)) {
                if (!row.state().equals("discarded")) {
                    held.add(Place.of(row));
                }
                if (asked.contains(row.asked())) {
                    answered.add(row.ofKey());
                }
            }
            List<HeldRows.Row> left = chosenRows.stream()
                    .filter(row -> held.contains(Place.of(row)))
                    .toList();
            boolean complete = left.stream().allMatch(row -> answered.contains(row.ofKey()));
            if (complete || System.nanoTime() - until >= 0) {
                return new Answer(chosenRows.size() - left.size(), left.size(), complete);
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }
}

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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Which letters an operator means, and what becomes of the rows that sinks hold for them. */
final class HeldChoice {

    private final HeldRows target;
    private final Letters letters;
    private final List<Letter> chosen = new ArrayList<>();
    private final List<HeldRows.Row> held = new ArrayList<>();

    private record Partition(String topic, int number) {}

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
        for (HeldRows.Row row : all) {
            boolean open = row.state().equals("refused") || row.state().equals("parked");
            boolean named = number == null
                    ? table == null || table.equals(LetterChoice.table(tables, row.topic()))
                    : all.stream()
                            .anyMatch(
                                    each -> each.isOfKeyOf(row) && chosen.get(0).isIn(each));
            if (open && named) {
                held.add(row);
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
        return !held.isEmpty();
    }

    /** Asks the sinks, and waits for what they do. */
    Answer ask(HeldRequest.Action action, boolean oneKey, Duration patience) throws InterruptedException {
        Map<Partition, Long> last = new HashMap<>();
        for (HeldRows.Row row : held) {
            last.merge(new Partition(row.topic(), row.partition()), row.offset(), Math::max);
        }
        Bytes key = oneKey ? chosen.get(0).content().key() : null;
        List<HeldRequest> requests = new ArrayList<>();
        last.forEach((partition, upTo) ->
                requests.add(new HeldRequest(action, partition.topic(), partition.number(), key, upTo)));
        Set<String> asked = new HashSet<>(letters.ask(requests));
        long until = System.nanoTime() + patience.toNanos();
        while (true) {
            List<HeldRows.Row> now = target.all(LetterChoice.MOST);
            List<HeldRows.Row> left = held.stream()
                    .filter(row -> now.stream()
                            .anyMatch(each -> isSame(each, row) && !each.state().equals("discarded")))
                    .toList();
            boolean complete = left.stream().allMatch(row -> now.stream()
                    .anyMatch(each -> each.isOfKeyOf(row) && each.asked() != null && asked.contains(each.asked())));
            if (complete || System.nanoTime() - until >= 0) {
                return new Answer(held.size() - left.size(), left.size(), complete);
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private static boolean isSame(HeldRows.Row one, HeldRows.Row other) {
        return one.isOfKeyOf(other) && one.offset() == other.offset();
    }
}

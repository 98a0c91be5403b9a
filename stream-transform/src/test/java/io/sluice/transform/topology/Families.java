package io.sluice.transform.topology;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.topic.Partitions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Orders that go on changing, and what each version of one becomes. A version's text says which it is and how many lines it has;
 * the parent and each of its lines carry it.
 */
final class Families {

    static final int GONE = -1;
    private static final int ORDERS = 60;
    /** The one that goes through these again and again. */
    private static final long SHRINKING = 0;

    /** With it the rows of a few changes fill a batch of the producer, so that one change is sent in several requests. */
    private static final String BALLAST = " ".repeat(500);

    private static final int[] SHRINKS = {5, 2, 0};

    /**
     * @param lines that it has now; {@link #GONE} where it was deleted
     * @param lost that it had before and has no more
     */
    record Version(long order, String text, int lines, int lost) {

        boolean isDeleted() {
            return lines == GONE;
        }
    }

    private final ServiceFixture fixture;
    private final Random random;
    /** What stands in each partition of the change topic, by offset. */
    private final List<List<Version>> sent = new ArrayList<>();

    private final Map<Long, Version> last = new HashMap<>();
    private int shrunk;
    private long count;

    Families(ServiceFixture fixture, long seed) {
        this.fixture = fixture;
        this.random = new Random(seed);
        for (int i = 0; i < fixture.service.partitionsOf(ServiceFixture.ORDERS); i++) {
            sent.add(new ArrayList<>());
        }
    }

    /** Sends that many changes of any orders. */
    void change(RunningKafka kafka, int changes) {
        for (int i = 0; i < changes; i++) {
            send(kafka, random.nextInt(ORDERS));
        }
        kafka.flush();
    }

    /** Each order once more; the one that shrinks ends without lines. */
    void finish(RunningKafka kafka) {
        for (long order = 0; order < ORDERS; order++) {
            send(kafka, order);
        }
        while (shrunk % SHRINKS.length != 0) {
            send(kafka, SHRINKING);
        }
        kafka.flush();
    }

    private void send(RunningKafka kafka, long order) {
        Version before = last.get(order);
        int lines = lines(order, before);
        int had = before == null ? 0 : Math.max(0, before.lines());
        Version version =
                new Version(order, "v" + count++ + " of " + lines, lines, Math.max(0, had - Math.max(0, lines)));
        last.put(order, version);
        Change change = version.isDeleted()
                ? fixture.orders.deleteByKey(order)
                : fixture.orders.insert(order, version.text() + BALLAST, items(lines), null, null, null);
        byte[] key = Objects.requireNonNull(fixture.key(change));
        sent.get(Partitions.of(key, sent.size())).add(version);
        kafka.send(fixture, change);
    }

    private int lines(long order, @Nullable Version before) {
        if (order == SHRINKING) {
            return SHRINKS[shrunk++ % SHRINKS.length];
        }
        return before != null && !before.isDeleted() && random.nextInt(8) == 0 ? GONE : random.nextInt(6);
    }

    private static String items(int lines) {
        return IntStream.range(0, lines)
                .mapToObj(i -> "{\"sku\": \"" + sku(i) + "\"}")
                .toList()
                .toString();
    }

    private static String sku(int line) {
        return "s" + line;
    }

    long changes() {
        return count;
    }

    List<List<Version>> sent() {
        return sent;
    }

    /** The rows that there should be, by the parts of their keys, each with its text. */
    Map<String, String> rows() {
        Map<String, String> rows = new TreeMap<>();
        last.values().stream().filter(version -> !version.isDeleted()).forEach(version -> {
            rows.put(List.of(version.order()).toString(), version.text());
            for (int i = 0; i < version.lines(); i++) {
                rows.put(List.of(version.order(), sku(i)).toString(), version.text());
            }
        });
        return rows;
    }
}

package io.sluice.sink.parking;

import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.sink.batch.Incoming;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.ledger.Claim;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each key what is applied, what is held, and what takes the place of what was held. Its methods work in the
 * transaction that the caller has begun; what they found holds once {@link Outcome#committed} was called. Belongs to one thread.
 */
public final class Parking {

    private final ParkedIndex index;
    private final ParkedTable table;
    private final Separation separation;
    private final Predicate<KeyWork.Piece> passes;
    private final Rereader rereader;

    /** Reads a held record again. */
    public interface Rereader {
        Incoming read(Held held);
    }

    /** @param passes whether a change need not wait for what was refused of its key, and takes the place of that */
    public Parking(
            String pipeline,
            String service,
            String clusterId,
            DeadLettersSpec limits,
            Separation separation,
            Predicate<KeyWork.Piece> passes,
            Rereader rereader) {
        this.index = new ParkedIndex(limits);
        this.table = new ParkedTable(pipeline, service, clusterId);
        this.separation = separation;
        this.passes = passes;
        this.rereader = rereader;
    }

    static HaltException tooMany(DeadLettersSpec limits, RowPartition partition, String problem) {
        return new HaltException(
                "DEAD_LETTERS_TOO_MANY",
                "more than " + limits.most() + " of the last " + limits.of()
                        + " records of this partition are refused by the target; one of them: " + problem,
                partition.toString(),
                "That many bad rows are mostly one bad setting: look into the dead letters, mend the cause, and start again; "
                        + "nothing was skipped. Where the data is that bad, raise `dead-letters: {most: …}` of the service.");
    }

    /** Whether all that is held of these claims' partitions is known. */
    public boolean knows(Collection<Claim> claims) {
        return claims.stream().allMatch(claim -> index.knows(claim.partition(), claim.epoch()));
    }

    /** Learns what is held of partitions that were taken, and forgets those of others. */
    public void learn(Connection connection, Collection<Claim> claims) throws SQLException {
        index.keepOnly(claims.stream().map(Claim::partition).toList());
        List<Claim> taken = claims.stream()
                .filter(claim -> !index.knows(claim.partition(), claim.epoch()))
                .toList();
        taken.forEach(claim -> index.begin(claim.partition(), claim.epoch()));
        long now = System.nanoTime();
        try {
            table.each(connection, taken, (key, entry) -> index.put(key, entry, now));
        } catch (SQLException e) {
            index.keepOnly(Set.of());
            throw e;
        }
    }

    public boolean isEmpty() {
        return index.isEmpty();
    }

    /** The keys that a request is about, among those that we hold. */
    public List<ParkedKey> keysOf(HeldRequest request) {
        RowPartition partition = new RowPartition(request.topic(), request.partition());
        Bytes key = request.key();
        List<ParkedKey> named =
                key == null ? index.keys(partition) : List.of(ParkedKey.of(partition, key.unsafeArray()));
        return named.stream()
                .filter(each -> isAsked(request.action(), index.state(each)))
                .filter(each -> index.entries(each).get(0).offset() <= request.upTo())
                .toList();
    }

    private static boolean isAsked(HeldRequest.Action action, @Nullable HoldState state) {
        return state != null && state != HoldState.DISCARDED && (state == HoldState.CONFLICT) == action.decides();
    }

    /** How many records are held in our partitions. */
    public int size() {
        return index.size();
    }

    public boolean hasWaiting() {
        return index.hasWaiting();
    }

    /** Whether there are records that no letter tells of yet. */
    public boolean hasUntold() {
        return index.hasUntold();
    }

    public boolean holds(ParkedKey key) {
        return index.state(key) != null;
    }

    /** Applies what the target takes of these changes, and holds the rest. */
    public Outcome separate(Connection connection, Map<RowPartition, Claim> claims, Collection<KeyWork> works)
            throws SQLException {
        Holding holding = new Holding(index, claims);
        Map<KeyWork, KeyWork> tried = new HashMap<>();
        List<KeyWork> candidates = new ArrayList<>();
        for (KeyWork work : works) {
            if (index.state(work.key()) == HoldState.CONFLICT) {
                undecided(holding, work);
                continue;
            }
            KeyWork candidate = candidate(work);
            if (candidate != null) {
                candidates.add(candidate);
                tried.put(candidate, work);
            } else if (index.state(work.key()) != HoldState.DISCARDED) {
                follow(holding, work);
            }
        }
        Separation.Result result = separation.apply(connection, candidates, true, mostBad(works));
        for (KeyWork candidate : candidates) {
            Separation.Failure failure = result.failures().get(candidate);
            HoldState before = index.state(candidate.key());
            boolean nothing = failure != null && failure.from() == 0;
            if (nothing
                    && isFollowed(before)
                    && !passesBy(before, candidate.pieces().get(0))) {
                follow(holding, tried.getOrDefault(candidate, candidate));
                continue;
            }
            if (before != null) {
                holding.removeAll(candidate.key());
            }
            if (failure != null) {
                hold(holding, candidate, failure);
            }
        }
        holding.write(connection, table);
        Outcome outcome = new Outcome(holding);
        outcome.add(result);
        return outcome;
    }

    /** From where on the key's changes are to be tried; null if none of them is. */
    private @Nullable KeyWork candidate(KeyWork work) {
        HoldState state = index.state(work.key());
        if (state == null) {
            return work;
        }
        if (state == HoldState.DISCARDED) {
            return work.fromFirst(KeyWork.Piece::isWhole);
        }
        return separation.isOneSources(work.table())
                ? work.fromLast(piece -> piece.isLoaded() || passesBy(state, piece))
                : null;
    }

    private static boolean isFollowed(@Nullable HoldState state) {
        return state != null && state != HoldState.DISCARDED;
    }

    /** Where another row is waited for, order is all that matters: that passes, and nothing is wrong with what waits. */
    private boolean passesBy(@Nullable HoldState state, KeyWork.Piece piece) {
        return (state == HoldState.REFUSED || state == HoldState.PARKED) && passes.test(piece);
    }

    /** All of it, behind what is held of its key. */
    private void follow(Holding holding, KeyWork work) {
        HoldReason behind = index.state(work.key()) == HoldState.WAITING ? HoldReason.WAITS : HoldReason.PARKED;
        work.pieces().forEach(piece -> holding.add(held(work, piece, behind)));
    }

    /** Behind a conflict; but a row that was read again stands for all that was published of its key before. */
    private static void undecided(Holding holding, KeyWork work) {
        KeyWork again = work.fromLast(KeyWork.Piece::isLoaded);
        if (again == null) {
            work.pieces().forEach(piece -> holding.add(held(work, piece, HoldReason.FOLLOWS)));
            return;
        }
        holding.removeAll(work.key());
        for (int i = 0; i < again.pieces().size(); i++) {
            holding.add(held(work, again.pieces().get(i), i == 0 ? HoldReason.READ_AGAIN : HoldReason.FOLLOWS));
        }
    }

    private static void hold(Holding holding, KeyWork work, Separation.Failure failure) {
        for (int i = failure.from(); i < work.pieces().size(); i++) {
            holding.add(held(work, work.pieces().get(i), HoldReason.of(failure, i == failure.from())));
        }
    }

    private static Held held(KeyWork work, KeyWork.Piece piece, HoldReason why) {
        return new Held(
                work.key().partition(),
                piece.record(),
                why.state(),
                why.code(),
                why.problem(),
                piece.incoming().change().provenance().position().toString());
    }

    /** More bad keys than this are too many in one of the partitions at least. */
    private int mostBad(Collection<KeyWork> works) {
        Map<RowPartition, long[]> spans = new HashMap<>();
        for (KeyWork work : works) {
            for (KeyWork.Piece piece : work.pieces()) {
                long offset = piece.record().offset();
                long[] span = spans.computeIfAbsent(work.key().partition(), first -> new long[] {offset, offset});
                span[0] = Math.min(span[0], offset);
                span[1] = Math.max(span[1], offset);
            }
        }
        long most = 0;
        for (long[] span : spans.values()) {
            most += (span[1] - span[0]) / index.limits().of() + 1;
        }
        return (int) Math.min(Integer.MAX_VALUE, most * index.limits().most());
    }

    /**
     * Tries keys again that wait for other rows.
     *
     * @param exhausted whether there is nothing left that such a key could wait for
     */
    public Outcome retryWaiting(
            Connection connection,
            Map<RowPartition, Claim> claims,
            List<ParkedKey> keys,
            Predicate<ParkedKey> exhausted)
            throws SQLException {
        return tryAgain(connection, claims, keys, exhausted, null);
    }

    /**
     * Tries held keys again because somebody asked for it.
     *
     * @param request where that stands
     */
    public Outcome replay(Connection connection, Map<RowPartition, Claim> claims, List<ParkedKey> keys, String request)
            throws SQLException {
        return tryAgain(connection, claims, keys, key -> false, request);
    }

    private Outcome tryAgain(
            Connection connection,
            Map<RowPartition, Claim> claims,
            List<ParkedKey> keys,
            Predicate<ParkedKey> exhausted,
            @Nullable String request)
            throws SQLException {
        Holding holding = new Holding(index, claims);
        List<KeyWork> works = works(connection, holding, keys);
        boolean forGood = request != null || keys.stream().anyMatch(exhausted);
        Separation.Result result = separation.apply(connection, works, !forGood, Integer.MAX_VALUE);
        Outcome outcome = new Outcome(holding);
        outcome.add(result);
        List<ParkedTable.Place> inVain = new ArrayList<>();
        for (KeyWork work : works) {
            Separation.Failure failure = result.failures().get(work);
            List<ParkedIndex.Entry> entries = index.entries(work.key());
            int through = failure == null ? entries.size() : failure.from();
            entries.subList(0, through).forEach(entry -> holding.remove(work.key(), entry.offset()));
            outcome.through(through);
            if (failure == null) {
                continue;
            }
            outcome.inVain(work.key());
            boolean waits = entries.get(0).state() == HoldState.WAITING;
            if (!waits || !failure.mayPass() || exhausted.test(work.key())) {
                settle(holding, work.key(), entries.subList(through, entries.size()), failure);
            }
            if (request != null) {
                inVain.add(holding.place(work.key(), entries.get(through).offset()));
            }
        }
        holding.write(connection, table);
        if (request != null) {
            table.asked(connection, inVain, request);
        }
        return outcome;
    }

    private static void settle(
            Holding holding, ParkedKey key, List<ParkedIndex.Entry> entries, Separation.Failure failure) {
        for (int i = 0; i < entries.size(); i++) {
            holding.settle(key, entries.get(i), HoldReason.forGood(failure, i == 0));
        }
    }

    /**
     * Ends conflicts as an operator has decided. What came behind the last record that the request is about is judged anew.
     *
     * @param request where it stands
     * @param source writes the source's rows over whatever is there; null where the target's prevail
     */
    public Outcome decide(
            Connection connection,
            Map<RowPartition, Claim> claims,
            List<ParkedKey> keys,
            long upTo,
            String request,
            @Nullable Separation source)
            throws SQLException {
        Holding holding = new Holding(index, claims);
        Outcome outcome = new Outcome(holding);
        List<KeyWork> decided = new ArrayList<>();
        List<KeyWork> rest = new ArrayList<>();
        Map<KeyWork, Integer> before = new HashMap<>();
        for (KeyWork work : works(connection, holding, keys)) {
            int asked = work.countUpTo(upTo);
            decided.add(work.until(asked));
            if (asked < work.pieces().size()) {
                KeyWork later = work.from(asked);
                rest.add(later);
                before.put(later, asked);
            }
        }
        Set<ParkedKey> stuck = new HashSet<>();
        List<ParkedTable.Place> inVain = new ArrayList<>();
        Separation.Result written = source == null
                ? Separation.Result.NOTHING
                : source.apply(connection, decided, false, Integer.MAX_VALUE);
        outcome.add(written);
        for (KeyWork work : decided) {
            Separation.Failure failure = written.failures().get(work);
            List<ParkedIndex.Entry> entries = index.entries(work.key());
            int through = failure == null ? work.pieces().size() : failure.from();
            release(holding, outcome, work.key(), entries.subList(0, through));
            if (failure != null) {
                stuck.add(work.key());
                outcome.inVain(work.key());
                holding.settle(work.key(), entries.get(through), HoldReason.undecided(failure));
                inVain.add(holding.place(work.key(), entries.get(through).offset()));
            }
        }
        rest.removeIf(work -> stuck.contains(work.key()));
        Separation.Result judged = separation.apply(connection, rest, true, Integer.MAX_VALUE);
        outcome.add(judged);
        for (KeyWork work : rest) {
            Separation.Failure failure = judged.failures().get(work);
            List<ParkedIndex.Entry> all = index.entries(work.key());
            List<ParkedIndex.Entry> entries = all.subList(before.getOrDefault(work, 0), all.size());
            int through = failure == null ? entries.size() : failure.from();
            release(holding, outcome, work.key(), entries.subList(0, through));
            for (int i = through; failure != null && i < entries.size(); i++) {
                holding.settle(work.key(), entries.get(i), HoldReason.of(failure, i == through));
            }
        }
        holding.write(connection, table);
        table.asked(connection, inVain, request);
        return outcome;
    }

    private static void release(Holding holding, Outcome outcome, ParkedKey key, List<ParkedIndex.Entry> entries) {
        entries.forEach(entry -> holding.remove(key, entry.offset()));
        outcome.through(entries.size());
    }

    private List<KeyWork> works(Connection connection, Holding holding, List<ParkedKey> keys) throws SQLException {
        List<ParkedTable.Place> places = new ArrayList<>();
        for (ParkedKey key : keys) {
            index.entries(key).forEach(entry -> places.add(holding.place(key, entry.offset())));
        }
        Map<ParkedKey, KeyWork> works = new HashMap<>();
        List<KeyWork> ordered = new ArrayList<>();
        int sequence = 0;
        for (Held held : table.read(connection, places)) {
            KeyWork work = works.get(held.key());
            if (work == null) {
                work = new KeyWork(held.key());
                works.put(held.key(), work);
                ordered.add(work);
            }
            work.add(new KeyWork.Piece(sequence++, held.record(), rereader.read(held)));
        }
        return ordered;
    }

    /** Gives up what is held of these keys: each goes on with the first change that says all of its row. */
    public Outcome discard(Connection connection, Map<RowPartition, Claim> claims, List<ParkedKey> keys)
            throws SQLException {
        Holding holding = new Holding(index, claims);
        Outcome outcome = new Outcome(holding);
        for (ParkedKey key : new HashSet<>(keys)) {
            List<ParkedIndex.Entry> entries = index.entries(key);
            entries.subList(1, entries.size()).forEach(entry -> holding.remove(key, entry.offset()));
            holding.settle(key, entries.get(0), HoldReason.DISCARDED);
            outcome.through(entries.size());
        }
        holding.write(connection, table);
        return outcome;
    }

    /** Some of the records that no letter tells of yet. */
    public List<Held> untold(Connection connection, Map<RowPartition, Claim> claims, int mostRecords, long mostBytes)
            throws SQLException {
        Holding holding = new Holding(index, claims);
        List<ParkedTable.Place> places = new ArrayList<>();
        index.untold(mostRecords, mostBytes)
                .forEach((key, entries) -> entries.forEach(entry -> places.add(holding.place(key, entry.offset()))));
        return table.read(connection, places);
    }

    /** Their letters are in the topic. */
    public Outcome told(Connection connection, Map<RowPartition, Claim> claims, List<Held> letters)
            throws SQLException {
        Holding holding = new Holding(index, claims);
        table.relayed(
                connection,
                letters.stream()
                        .map(each -> holding.place(each.key(), each.offset()))
                        .toList());
        letters.forEach(each -> holding.told(each));
        return new Outcome(holding);
    }

    /** The keys that wait, as many as may be tried at once. */
    public List<ParkedKey> waitingKeys(int mostRecords, long mostBytes) {
        List<ParkedKey> keys = new ArrayList<>();
        int records = 0;
        long bytes = 0;
        for (ParkedKey key : index.waitingKeys()) {
            for (ParkedIndex.Entry entry : index.entries(key)) {
                records++;
                bytes += entry.size();
            }
            if (!keys.isEmpty() && (records > mostRecords || bytes > mostBytes)) {
                break;
            }
            keys.add(key);
        }
        return keys;
    }

    public long waitingSinceNanos(ParkedKey key) {
        return index.waitingSinceNanos(key);
    }
}

package io.sluice.sink.consume;

import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.schemas.model.TargetTable;
import io.sluice.sink.SinkSettings;
import io.sluice.sink.batch.Incoming;
import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.parking.Held;
import io.sluice.sink.parking.HeldRequests;
import io.sluice.sink.parking.KeyWork;
import io.sluice.sink.parking.LetterRelay;
import io.sluice.sink.parking.Outcome;
import io.sluice.sink.parking.ParkedKey;
import io.sluice.sink.parking.Parking;
import io.sluice.sink.parking.ParkingSpec;
import io.sluice.sink.parking.Patience;
import io.sluice.sink.parking.Separation;
import io.sluice.sink.parking.Separation.Effect;
import io.sluice.sink.sql.TableWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a sink does with rows that the target refuses, where it may go on past them: holds them, tries those again that wait for
 * others, tells of the rest by letters, and does what is asked of them. Belongs to the worker's thread.
 */
final class RowParking implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RowParking.class);
    private static final Duration LEAST_RETRY = Duration.ofMillis(20);
    private static final Duration MOST_RETRY = Duration.ofSeconds(1);
    /** A retry may take no more than this share of the time. */
    private static final int RETRY_SHARE = 5;

    private final SinkThread.Work work;
    private final RecordReader reader;
    private final TableWriter writer;
    private final PartitionTaker taker;
    private final Patience.Reach reach;
    private final Patience patience;
    private final SinkMeter meter;
    private final ParkingSpec spec;
    private final Backoff retries = new Backoff(LEAST_RETRY, MOST_RETRY);
    private final LetterRelay relay;
    private final HeldRequests requests;
    private @Nullable Parking parking;
    private long nextRetryNanos = System.nanoTime();
    private long nextLookNanos = System.nanoTime();

    RowParking(
            ParkingSpec spec,
            SinkThread.Work work,
            RecordReader reader,
            TableWriter writer,
            PartitionTaker taker,
            Patience.Reach reach,
            SinkMeter meter) {
        this.reach = reach;
        this.patience = new Patience(work.settings().order());
        this.spec = spec;
        this.relay = new LetterRelay(work.kafka(), spec.deadLetters());
        this.requests = new HeldRequests(work.kafka(), spec.requests());
        this.work = work;
        this.reader = reader;
        this.writer = writer;
        this.taker = taker;
        this.meter = meter;
    }

    private Parking parking() {
        if (parking == null) {
            parking = new Parking(
                    work.pipeline(),
                    work.service(),
                    taker.clusterId(),
                    spec.limits(),
                    new Separation(writer, work.rules(), work.parentsFirst()),
                    piece -> spec.goesOn() && tellsAll(piece),
                    held -> reader.again(held.partition(), held.record()));
        }
        return parking;
    }

    private boolean tellsAll(KeyWork.Piece piece) {
        TargetTable table = piece.incoming().change().table();
        return piece.tellsAll(work.rules().getOrDefault(table, WriteRules.PLAIN));
    }

    /** Looks what is held of partitions that were taken since. */
    void learn(TargetSession session, Map<RowPartition, Claim> claims) throws SQLException, StaleClaimException {
        Parking here = parking();
        if (!here.knows(claims.values())) {
            session.transaction(connection -> {
                here.learn(connection, claims.values());
                return claims.size();
            });
            requests.rewind();
        }
    }

    /** Whether something of these records' keys is held. Costs nothing while nothing is. */
    boolean concerns(Backlog.Slice slice) {
        Parking here = parking();
        if (here.isEmpty()) {
            return false;
        }
        for (Map.Entry<RowPartition, List<ConsumerRecord<byte[], byte[]>>> each :
                slice.records().entrySet()) {
            for (ConsumerRecord<byte[], byte[]> record : each.getValue()) {
                if (record.key() != null && here.holds(ParkedKey.of(each.getKey(), record.key()))) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Applies what the target takes of a slice, and holds the rest.
     *
     * @param mayGrow whether a value that is too wide is first told, for the table may be made to hold it
     */
    BatchApplier.Rows separating(Map<RowPartition, Claim> claims, boolean mayGrow) {
        return new Separating(parking(), claims, mayGrow);
    }

    private final class Separating implements BatchApplier.Rows {

        private final Parking here;
        private final Map<RowPartition, Claim> claims;
        private final Map<ParkedKey, KeyWork> works = new LinkedHashMap<>();
        private final boolean mayGrow;
        private int sequence;
        private @Nullable Outcome outcome;

        private Separating(Parking here, Map<RowPartition, Claim> claims, boolean mayGrow) {
            this.mayGrow = mayGrow;
            this.here = here;
            this.claims = claims;
        }

        @Override
        public void read(ConsumerRecord<byte[], byte[]> record, Incoming incoming) {
            ParkedKey key = ParkedKey.of(incoming.partition(), record.key());
            works.computeIfAbsent(key, KeyWork::new).add(new KeyWork.Piece(sequence++, record, incoming));
        }

        @Override
        public boolean mayBeBad() {
            return true;
        }

        @Override
        public List<Effect> write(Connection connection, List<Write> writes) throws SQLException {
            Outcome done = here.separate(connection, claims, works.values());
            SQLException tooWide = done.tooWide();
            if (mayGrow && tooWide != null) {
                throw tooWide;
            }
            outcome = done;
            return done.effects();
        }

        @Override
        public void committed() {
            if (outcome != null) {
                int before = here.size();
                outcome.committed();
                outcome.conflicts().forEach(meter::conflicts);
                retries.reset();
                if (here.size() > before) {
                    nextRetryNanos = System.nanoTime() + LEAST_RETRY.toNanos();
                }
            }
        }
    }

    /** Whatever is due about held records. */
    void step(TargetSession session, Map<RowPartition, Claim> claims) throws SQLException, StaleClaimException {
        Parking here = parking();
        meter.held(here.size());
        if (!here.hasWaiting()) {
            patience.rest();
        }
        if (here.isEmpty() || !here.knows(claims.values())) {
            return;
        }
        boolean looking = System.nanoTime() - nextLookNanos >= 0;
        if (looking && here.hasWaiting()) {
            patience.look(reach, System.nanoTime());
        }
        if (here.hasWaiting() && System.nanoTime() - nextRetryNanos >= 0) {
            retry(here, session, claims);
        }
        if (here.hasUntold()) {
            tell(here, session, claims);
        }
        if (looking) {
            nextLookNanos = System.nanoTime() + work.settings().sweepLook().toNanos();
            for (HeldRequests.Asked asked : requests.poll()) {
                answer(here, session, claims, asked);
            }
        }
    }

    /** A request is done in the transaction that unparks; one that is read again finds nothing left to do. */
    private void answer(Parking here, TargetSession session, Map<RowPartition, Claim> claims, HeldRequests.Asked asked)
            throws SQLException, StaleClaimException {
        List<ParkedKey> keys = here.keysOf(asked.request());
        if (keys.isEmpty()) {
            return;
        }
        List<Claim> held = claimsOf(claims, keys);
        Outcome done;
        try {
            done = session.transaction(connection -> {
                taker.ledger().move(connection, held, held);
                return answered(here, connection, claims, keys, asked);
            });
        } catch (SQLException e) {
            // Whatever is asked is read again once the target is back.
            requests.rewind();
            throw e;
        }
        committed(done);
        LOG.info(
                "{} {} held records of {} partition {}; {} keys that were asked for stay held",
                word(asked.request().action()),
                done.through(),
                asked.request().topic(),
                asked.request().partition(),
                done.stuck());
    }

    private Outcome answered(
            Parking here,
            Connection connection,
            Map<RowPartition, Claim> claims,
            List<ParkedKey> keys,
            HeldRequests.Asked asked)
            throws SQLException {
        long upTo = asked.request().upTo();
        return switch (asked.request().action()) {
            case REPLAY -> here.replay(connection, claims, keys, asked.place());
            case DISCARD -> here.discard(connection, claims, keys);
            case TAKE_TARGET -> here.decide(connection, claims, keys, upTo, asked.place(), null);
            case TAKE_SOURCE -> here.decide(connection, claims, keys, upTo, asked.place(), overruling());
        };
    }

    /** Asked for so seldom that what it learns of the tables is not kept. */
    private Separation overruling() {
        Map<TargetTable, WriteRules> rules = new HashMap<>(work.rules());
        rules.replaceAll((table, of) -> of.overruled());
        return new Separation(writer.overruling(), rules, work.parentsFirst());
    }

    private static String word(HeldRequest.Action action) {
        return switch (action) {
            case REPLAY -> "Replayed";
            case DISCARD -> "Discarded";
            case TAKE_SOURCE -> "The source prevails: applied";
            case TAKE_TARGET -> "The target prevails: gave up";
        };
    }

    /** Letters follow what is committed, never the other way round. */
    private void tell(Parking here, TargetSession session, Map<RowPartition, Claim> claims)
            throws SQLException, StaleClaimException {
        SinkSettings settings = work.settings();
        List<Held> letters = session.transaction(
                connection -> here.untold(connection, claims, settings.batchRecords(), settings.batchBytes()));
        relay.send(letters);
        session.transaction(connection -> here.told(connection, claims, letters))
                .committed();
        for (Held letter : letters) {
            LOG.warn(
                    "{} offset {} is a dead letter: {}",
                    letter.partition(),
                    letter.record().offset(),
                    letter.problem());
        }
        meter.letters(letters.size());
    }

    @Override
    public void close() {
        relay.close();
        requests.close();
    }

    private void retry(Parking here, TargetSession session, Map<RowPartition, Claim> claims)
            throws SQLException, StaleClaimException {
        long began = System.nanoTime();
        SinkSettings settings = work.settings();
        List<ParkedKey> keys = here.waitingKeys(settings.batchRecords(), settings.batchBytes());
        List<Claim> held = claimsOf(claims, keys);
        Outcome done = session.transaction(connection -> {
            taker.ledger().move(connection, held, held);
            return here.retryWaiting(connection, claims, keys, key -> patience.isOver(here.waitingSinceNanos(key)));
        });
        committed(done);
        long took = System.nanoTime() - began;
        if (done.through() > 0) {
            retries.reset();
        }
        // What came is let in at once, however much it is; what is tried in vain must not slow down the others.
        boolean gaining = done.through() > done.stuck();
        nextRetryNanos =
                System.nanoTime() + (gaining ? 0 : Math.max(retries.next().toNanos(), RETRY_SHARE * took));
    }

    private void committed(Outcome done) {
        done.committed();
        done.effects().forEach(meter::did);
        done.conflicts().forEach(meter::conflicts);
    }

    private static List<Claim> claimsOf(Map<RowPartition, Claim> claims, List<ParkedKey> keys) {
        return keys.stream()
                .map(ParkedKey::partition)
                .distinct()
                .map(claims::get)
                .filter(Objects::nonNull)
                .toList();
    }
}

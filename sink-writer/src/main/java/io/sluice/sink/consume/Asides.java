package io.sluice.sink.consume;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.SourceHeader;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.Origin;
import io.sluice.sink.batch.Origins;
import io.sluice.sink.ledger.Claim;
import io.sluice.sink.ledger.Ledger;
import io.sluice.sink.ledger.StaleClaimException;
import io.sluice.sink.parking.Held;
import io.sluice.sink.parking.HoldState;
import io.sluice.sink.parking.LetterRelay;
import io.sluice.sink.parking.SetAside;
import io.sluice.sink.parking.SetAside.RowKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sink of a strong service does about transactions that an operator sets aside: keeps each whole, steps over it, tells of
 * it by letters, and halts before any later one that touches a row of it, until a load has brought that row. Belongs to the worker's
 * thread.
 */
final class Asides implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Asides.class);

    static final String BLOCKED = "TRANSACTION_BLOCKED";

    /** What says that the rows of a transaction are wrong, rather than the target or the topic. */
    private static final Set<String> SETTABLE =
            Set.of("TRANSACTION_REFUSED", BLOCKED, "ROW_MISSING", "RECORD_UNREADABLE");

    private final SinkThread.Work work;
    private final PartitionTaker taker;
    private final TargetSession session;
    private final SinkMeter meter;
    private final LetterRelay relay;
    /** Where loads that are under way began. */
    private final Map<Load, Long> begins = new HashMap<>();

    private record Load(Bytes table, String name) {}

    private @Nullable SetAside aside;
    private long epoch = -1;

    Asides(SinkThread.Work work, PartitionTaker taker, TargetSession session, SinkMeter meter) {
        this.work = work;
        this.taker = taker;
        this.session = session;
        this.meter = meter;
        this.relay = new LetterRelay(work.kafka(), work.deadLetters());
    }

    private SetAside aside() {
        if (aside == null) {
            aside = new SetAside(work.pipeline(), work.service(), taker.clusterId(), work.limits());
        }
        return aside;
    }

    /** Whatever is due before records of this claim are applied. */
    void step(Claim claim) throws SQLException, StaleClaimException {
        SetAside here = aside();
        if (epoch != claim.epoch()) {
            session.transaction(connection -> {
                here.learn(connection, claim);
                return here;
            });
            begins.clear();
            epoch = claim.epoch();
            meter.held(here.size());
        }
        if (here.hasUntold()) {
            tell(here, claim);
        }
    }

    /** Letters follow what is committed. */
    private void tell(SetAside here, Claim claim) throws SQLException, StaleClaimException {
        List<Held> letters = session.transaction(
                connection -> here.untold(connection, claim, work.settings().batchRecords()));
        relay.send(letters);
        session.transaction(connection -> {
            here.told(connection, claim, letters);
            return letters;
        });
        here.told(letters);
        meter.letters(letters.size());
    }

    /** A row that a load has read is newer than what was set aside; one that a whole load has not met is gone. */
    void settle(Claim claim, Backlog.Slice slice) throws SQLException, StaleClaimException {
        SetAside here = aside();
        if (here.isEmpty()) {
            return;
        }
        Set<RowKey> loaded = new HashSet<>();
        Map<Bytes, Long> whole = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records(claim, slice)) {
            RowKey key = RowKey.of(record);
            if (key == null) {
                look(record, whole);
            } else if (header(record, RecordHeaders.SNAPSHOT) != null) {
                loaded.add(key);
            }
        }
        List<Long> settled = here.settledBy(
                (key, offset) -> loaded.contains(key) || offset < whole.getOrDefault(key.table(), Long.MIN_VALUE));
        if (settled.isEmpty()) {
            return;
        }
        // It is read again until it is applied, and nothing of these rows can come in between.
        session.transaction(connection -> {
            here.remove(connection, claim, settled);
            return settled;
        });
        here.removed(settled);
        meter.held(here.size());
        LOG.info("A load settles {} records that were set aside", settled.size());
    }

    private void look(ConsumerRecord<byte[], byte[]> record, Map<Bytes, Long> whole) {
        byte[] table = header(record, TargetHeader.NAME);
        try {
            LoadMarker marker = table == null ? null : LoadMarker.read(name -> header(record, name));
            if (table == null || marker == null) {
                return;
            }
            Load load = new Load(Bytes.wrap(table), marker.load());
            if (marker.kind() == LoadMarker.Kind.BEGIN) {
                begins.put(load, record.offset());
            } else if (marker.sweep() && begins.containsKey(load)) {
                whole.merge(load.table(), begins.getOrDefault(load, 0L), Math::max);
            }
        } catch (MalformedRecordException e) {
            LOG.debug("whoever applies it says that it can't be read");
        }
    }

    /** @throws HaltException if a change is of a row that a transaction which was set aside would have changed */
    void check(Claim claim, Backlog.Slice slice) {
        SetAside here = aside();
        if (here.isEmpty()) {
            return;
        }
        for (ConsumerRecord<byte[], byte[]> record : records(claim, slice)) {
            if (header(record, RecordHeaders.SNAPSHOT) == null && here.holds(RowKey.of(record))) {
                throw new HaltException(
                        BLOCKED,
                        "a transaction changes a row of one that was set aside",
                        claim.partition() + " offset " + record.offset(),
                        "Nothing of it is applied. Set it aside too, or have the tables of what is set aside read again with "
                                + "`sluice backfill`. See the runbook.");
            }
        }
    }

    /**
     * Sets the one transaction of a slice aside, if that is what an operator has asked for.
     *
     * @return the claim behind it; null if nothing was done
     */
    @Nullable
    Claim setAside(Ledger ledger, Claim claim, Backlog.Slice slice, HaltException why)
            throws SQLException, StaleClaimException {
        if (!SETTABLE.contains(why.code())) {
            return null;
        }
        Origins.Progress progress = claim.origins().progress();
        List<ConsumerRecord<byte[], byte[]>> fresh = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records(claim, slice)) {
            Origin origin = RecordReader.origin(record);
            if (origin == null || progress.advance(origin)) {
                fresh.add(record);
            }
        }
        TransactionMarker end = fresh.size() < 3 ? null : RecordReader.bound(fresh.get(fresh.size() - 1));
        TransactionMarker begin = end == null ? null : RecordReader.bound(fresh.get(0));
        if (begin == null || end == null || end.changes() != fresh.size() - 2) {
            return null;
        }
        String position = begin.position().toString();
        List<Held> held = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : fresh.subList(1, fresh.size() - 1)) {
            // It empties a table, and so touches rows that nobody can name; or its table has several sources, and then
            // a load
            // of one says nothing of what another one's transaction would have changed.
            if (RowKey.of(record) == null || header(record, SourceHeader.NAME) != null) {
                return null;
            }
            held.add(new Held(claim.partition(), record, HoldState.REFUSED, why.code(), why.problem(), position));
        }
        SetAside here = aside();
        Claim after = claim.movedTo(slice.ends().getOrDefault(claim.partition(), claim.position()), progress.done());
        boolean done = session.transaction(connection -> {
            if (!here.isAsked(connection, begin.transaction(), position)) {
                return false;
            }
            ledger.move(connection, List.of(claim), List.of(after));
            here.put(connection, claim, begin.transaction(), position, held);
            return true;
        });
        if (!done) {
            return null;
        }
        here.committed(held);
        meter.held(here.size());
        LOG.warn(
                "Transaction {}@{} is set aside with {} records, as an operator asked: {}",
                begin.transaction(),
                position,
                held.size(),
                why.problem());
        return after;
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(Claim claim, Backlog.Slice slice) {
        return slice.records().getOrDefault(claim.partition(), List.of());
    }

    private static byte @Nullable [] header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : header.value();
    }

    @Override
    public void close() {
        relay.close();
    }
}

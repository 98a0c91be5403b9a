package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.mongo.MongoCatalog;
import io.sluice.platform.mongo.MongoDeployment;
import io.sluice.schemas.model.TableId;
import io.sluice.source.capture.CaptureSession;
import io.sluice.source.capture.Continuity;
import io.sluice.source.position.StateReader;
import io.sluice.source.position.StateRecords;
import io.sluice.source.publish.TransactionalPublisher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt to capture a source, from fencing the former instance to the stream's end. Run once, by one thread. */
final class MongoSession implements CaptureSession {

    private static final Logger LOG = LoggerFactory.getLogger(MongoSession.class);

    /** How long the server may wait for an event: not longer than a stop may take. */
    private static final long IDLE_MILLIS = 500;

    private static final long GLANCE_MILLIS = 1;
    private static final long MOST_UNCOMMITTED = 5_000;
    private static final long LONGEST_UNCOMMITTED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** A stream that never runs dry must not keep a load from going on. */
    private static final long LONGEST_WITHOUT_ROUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final MongoContext context;
    private final MongoGuard guard;
    private final boolean newEpoch;
    private final Runnable running;
    private volatile boolean closed;
    private volatile boolean owner;
    private volatile boolean epochBegun;

    /**
     * @param newEpoch whether to leave behind what was captured so far: every collection is then read again
     * @param running told once the source is being read
     */
    MongoSession(MongoContext context, boolean newEpoch, Runnable running) {
        this.context = context;
        this.guard = new MongoGuard(context);
        this.newEpoch = newEpoch;
        this.running = running;
    }

    /** What the steps of a session hand on. */
    private record Start(
            MongoDeployment deployment,
            MongoFacts facts,
            MongoOffset offset,
            Map<TableId, CollectionState> collections,
            Map<String, TopicFacts> topics) {}

    @Override
    public void run() throws InterruptedException {
        try (TransactionalPublisher publisher = own()) {
            Map<String, TopicFacts> topics = topics();
            try (MongoClient client = context.connector().open()) {
                MongoDeployment deployment = MongoDeployment.read(client);
                Start start = newEpoch
                        ? beginAgain(publisher, client, deployment, topics)
                        : start(publisher, client, deployment, stored(context), topics);
                capture(publisher, client, start);
            }
        }
    }

    private Start start(
            TransactionalPublisher publisher,
            MongoClient client,
            MongoDeployment deployment,
            MongoState stored,
            Map<String, TopicFacts> topics) {
        MongoFacts facts = stored.facts();
        if (facts == null) {
            return begin(publisher, client, deployment, 1, Map.of(), topics);
        }
        guard.checkTopics(facts.topicIds(), topics);
        return resume(publisher, client, deployment, stored, facts, topics);
    }

    /** Of what is stored only the epoch matters, and who may have rows; whatever else stands there may be unreadable. */
    private Start beginAgain(
            TransactionalPublisher publisher,
            MongoClient client,
            MongoDeployment deployment,
            Map<String, TopicFacts> topics) {
        MongoStateRecords.Salvaged salvaged =
                context.state().salvaged(reader(context).entries());
        MongoFacts facts = salvaged.state().facts();
        // Where even that is lost: minutes count higher than anybody began epochs.
        int epoch =
                facts == null ? (int) TimeUnit.MILLISECONDS.toMinutes(System.currentTimeMillis()) : facts.epoch() + 1;
        salvaged.unreadable().forEach(key -> publisher.send(context.state().removal(key)));
        Start start =
                begin(publisher, client, deployment, epoch, salvaged.state().collections(), topics);
        epochBegun = true;
        return start;
    }

    @Override
    public boolean hasBegunEpoch() {
        return epochBegun;
    }

    private TransactionalPublisher own() {
        TransactionalPublisher publisher = TransactionalPublisher.open(
                context.kafka(),
                context.transactionalId(),
                new StateRecords(context.state().topic(), context.source().name()));
        // At once: whoever finds itself fenced looks here for who did it.
        publisher.send(context.state().owner(context.instance()));
        publisher.commit();
        owner = true;
        return publisher;
    }

    private Map<String, TopicFacts> topics() {
        try (TopicAdmin admin = TopicAdmin.open(context.kafka())) {
            return admin.check(context.tables().topics());
        }
    }

    private static StateReader reader(MongoContext context) {
        return new StateReader(
                context.kafka(),
                new StateRecords(context.state().topic(), context.source().name()));
    }

    /** What is stored now. */
    static MongoState stored(MongoContext context) {
        return context.state().state(reader(context).entries());
    }

    @Override
    public boolean wasOwner() {
        return owner;
    }

    private Start begin(
            TransactionalPublisher publisher,
            MongoClient client,
            MongoDeployment deployment,
            int epoch,
            Map<TableId, CollectionState> before,
            Map<String, TopicFacts> topics) {
        Continuity.refuseErrors(new MongoCheck(context).run(client));
        BsonTimestamp now = Objects.requireNonNull(deployment.operationTime(), "operationTime");
        MongoFacts facts = new MongoFacts(
                epoch,
                MongoGuard.setOf(deployment),
                deployment.identity(),
                StreamRequest.watched(context.tables().all()),
                Continuity.ids(topics));
        MongoOffset offset = new MongoOffset(null, ClusterTime.of(now), 0, ClusterTime.micros(ClusterTime.of(now)));
        Map<TableId, CollectionState> collections = new LinkedHashMap<>();
        for (TableId table : context.tables().all()) {
            CollectionState former = before.get(table);
            collections.put(
                    table,
                    CollectionState.unread(
                            table, uuid(client, table), former == null ? List.of() : former.everybody()));
        }
        publisher.send(context.state().facts(facts));
        publisher.send(context.state().offset(offset));
        collections.values().forEach(state -> publisher.send(context.state().collection(state)));
        publisher.commit();
        return new Start(deployment, facts, offset, collections, topics);
    }

    private String uuid(MongoClient client, TableId table) {
        Optional<MongoCatalog.Found> found = new MongoCatalog(client).find(table.schema(), table.table());
        return found.map(MongoCatalog.Found::uuid)
                .orElseThrow(() -> new EnvironmentException(
                        "SOURCE_UNFIT",
                        "the collection is gone",
                        "collection " + table,
                        "Create it, or take it out of the pipeline file.",
                        null));
    }

    private Start resume(
            TransactionalPublisher publisher,
            MongoClient client,
            MongoDeployment deployment,
            MongoState stored,
            MongoFacts facts,
            Map<String, TopicFacts> topics) {
        MongoOffset offset = guard.offset(stored);
        guard.checkDeployment(facts, deployment);
        List<String> watched = StreamRequest.watched(context.tables().all());
        if (!stored.collections().keySet().containsAll(context.tables().all())) {
            Continuity.refuseErrors(new MongoCheck(context).run(client));
        }
        Map<TableId, CollectionState> collections = collections(client, stored, offset);
        if (!watched.equals(facts.watched()) && !deployment.sharded()) {
            // A token belongs to the stream that gave it; a time does not, and everything up to it is stored.
            offset = new MongoOffset(null, offset.time(), offset.order(), offset.committedAtMicros());
        }
        MongoFacts now =
                new MongoFacts(facts.epoch(), facts.set(), deployment.identity(), watched, Continuity.ids(topics));
        publisher.send(context.state().facts(now));
        publisher.send(context.state().offset(offset));
        collections.values().forEach(state -> publisher.send(context.state().collection(state)));
        // What nobody reads any more goes by unseen from here on.
        stored.collections().values().stream()
                .filter(state -> !collections.containsKey(state.table()))
                .forEach(state -> publisher.send(context.state().collection(state.readBy(List.of()))));
        publisher.commit();
        HaltedCollections.refuseAll(context, collections.values());
        return new Start(deployment, now, offset, collections, topics);
    }

    /** Each collection as it is stored, and halted where it is not the same any more. */
    private Map<TableId, CollectionState> collections(MongoClient client, MongoState stored, MongoOffset offset) {
        Map<TableId, CollectionState> collections = new LinkedHashMap<>();
        List<TableId> replaced = new ArrayList<>();
        for (TableId table : context.tables().all()) {
            CollectionState state = stored.collections().get(table);
            if (state == null) {
                collections.put(table, CollectionState.unread(table, uuid(client, table), List.of()));
                continue;
            }
            collections.put(table, state.readBy(context.tables().readers(table)));
            String now = new MongoCatalog(client)
                    .find(table.schema(), table.table())
                    .map(MongoCatalog.Found::uuid)
                    .orElse("");
            if (!state.isHalted() && !now.equals(state.uuid())) {
                replaced.add(table);
            }
        }
        if (!replaced.isEmpty() && replaced.size() == collections.size()) {
            // Not one is the same: rather another database than that many accidents. Nothing is stored of that.
            throw guard.replaced();
        }
        for (TableId table : replaced) {
            CollectionState.Halted why = new CollectionState.Halted(
                    "COLLECTION_REPLACED",
                    "the collection is gone or was made again since it was captured",
                    HaltedCollections.remedy(context),
                    offset.time());
            LOG.error("Collection {} halts: {} [{}]. {}", table, why.problem(), why.code(), why.remedy());
            collections.computeIfPresent(table, (id, state) -> state.halted(why));
        }
        return collections;
    }

    private void capture(TransactionalPublisher publisher, MongoClient client, Start start)
            throws InterruptedException {
        List<OpenCollection> open = new ArrayList<>();
        for (CollectionState state : start.collections().values()) {
            open.add(new OpenCollection(
                    state,
                    context.tables().changeTopics(state.table(), start.topics()),
                    context.schemas(),
                    context.kafka().maxRecordBytes(),
                    publisher,
                    context.progress().changeCounter(state.table())));
            CollectionState.Halted halted = state.halted();
            if (halted != null) {
                context.progress()
                        .halted(
                                state.table(),
                                new HaltException(
                                        halted.code(),
                                        halted.problem(),
                                        "collection " + state.table(),
                                        halted.remedy()));
            }
        }
        int epoch = start.facts().epoch();
        SessionOutput output = new SessionOutput(context, publisher, epoch, start.offset(), open);
        try (CollectionLoads loads = new CollectionLoads(context, client, output, epoch)) {
            loads.begin();
            output.commit(start.offset().token());
            running.run();
            MongoOffset offset = start.offset();
            LOG.info("Streaming {} from {}", context.source().name(), ClusterTime.text(offset.time()));
            while (!closed) {
                try (ChangeStream stream = ChangeStream.open(context, client, start.deployment(), offset)) {
                    BsonDocument token =
                            follow(stream, new EventPublisher(context, client, output), loads, output, offset);
                    offset = new MongoOffset(
                            token, output.positions().time(), output.positions().order(), 0);
                }
            }
        }
    }

    /** Follows one stream until it is over; returns where the next goes on. */
    private @Nullable BsonDocument follow(
            ChangeStream stream, EventPublisher events, CollectionLoads loads, SessionOutput output, MongoOffset start)
            throws InterruptedException {
        BsonDocument token = start.token();
        long lastStored = System.nanoTime();
        long lastRound = System.nanoTime();
        while (!closed && !stream.isOver()) {
            boolean busy = stream.holdsBack() || output.sinceCommit() > 0 || !loads.isOver();
            ChangeStream.Part part = stream.read(busy ? GLANCE_MILLIS : IDLE_MILLIS);
            events.publish(start.token() == null ? after(part.events(), start.time()) : part.events());
            if (!part.isBoundary()) {
                continue;
            }
            token = part.token();
            output.positions().through(part.through());
            long now = System.nanoTime();
            boolean roundDue = part.isAtHead() || now - lastRound > LONGEST_WITHOUT_ROUND_NANOS;
            if (!loads.isOver() && roundDue) {
                loads.round();
                lastRound = System.nanoTime();
            }
            boolean commitDue = output.sinceCommit() > 0 && (part.isAtHead() || isMuch(output));
            boolean heartbeatDue = !output.isStored(token)
                    && now - lastStored > context.source().heartbeat().toNanos();
            if (commitDue || heartbeatDue) {
                output.commit(token);
                lastStored = now;
                HaltedCollections.refuseAll(
                        context,
                        output.collections().stream().map(OpenCollection::state).toList());
            }
        }
        return token;
    }

    private static boolean isMuch(SessionOutput output) {
        return output.sinceCommit() >= MOST_UNCOMMITTED || output.nanosSinceFirst() > LONGEST_UNCOMMITTED_NANOS;
    }

    /** A stream that begins at a time repeats the events of that time, and they are stored. */
    private static List<StreamEvent> after(List<StreamEvent> events, long time) {
        return events.stream()
                .filter(event -> ClusterTime.isAfter(event.time(), time))
                .toList();
    }

    /** Asks it to end; it does so after the answer that it waits for. */
    @Override
    public void close() {
        closed = true;
    }
}

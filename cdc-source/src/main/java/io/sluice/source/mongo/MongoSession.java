package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.mongo.MongoDeployment;
import io.sluice.source.capture.CaptureSession;
import io.sluice.source.position.StateReader;
import io.sluice.source.position.StateRecords;
import io.sluice.source.publish.TransactionalPublisher;
import io.sluice.source.request.RequestReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
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
        this.newEpoch = newEpoch;
        this.running = running;
    }

    /** What is done between two looks at the stream. */
    private record Work(
            SessionOutput output,
            EventPublisher events,
            CollectionLoads loads,
            CollectionRequests requests,
            OplogWatch oplog) {}

    @Override
    public void run() throws InterruptedException {
        try (TransactionalPublisher publisher = own()) {
            Map<String, TopicFacts> topics = topics();
            try (MongoClient client = context.connector().open()) {
                MongoDeployment deployment = MongoDeployment.read(client);
                MongoStart start = new MongoStart(context, publisher, client, deployment, topics);
                MongoStart.Start ready;
                if (newEpoch) {
                    ready = start.beginEpoch(
                            context.state().salvaged(reader(context).entries()));
                    epochBegun = true;
                } else {
                    ready = start.start(stored(context));
                }
                capture(publisher, client, deployment, topics, ready);
            }
        }
    }

    @Override
    public boolean hasBegunEpoch() {
        return epochBegun;
    }

    private TransactionalPublisher own() {
        TransactionalPublisher publisher = TransactionalPublisher.open(
                context.kafka(),
                context.transactionalId(),
                new StateRecords(context.state().topic(), context.source().name()),
                context.silence());
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

    private void capture(
            TransactionalPublisher publisher,
            MongoClient client,
            MongoDeployment deployment,
            Map<String, TopicFacts> topics,
            MongoStart.Start start)
            throws InterruptedException {
        List<OpenCollection> open = new ArrayList<>();
        for (CollectionState state : start.collections().values()) {
            open.add(new OpenCollection(
                    state,
                    context.tables().changeTopics(state.table(), topics),
                    context.schemas(),
                    context.kafka().maxRecordBytes(),
                    publisher,
                    context.progress().changeCounter(state.table())));
            show(state);
        }
        SessionOutput output = new SessionOutput(context, publisher, start.epoch(), start.offset(), open);
        start.replaced()
                .forEach(table -> output.halt(
                        table,
                        "COLLECTION_REPLACED",
                        "the collection is gone or was made again since it was captured"));
        try (CollectionLoads loads = new CollectionLoads(context, client, output, start.epoch());
                RequestReader requests = new RequestReader(
                        context.kafka(), context.requests(), context.source().name(), () -> {})) {
            loads.begin();
            output.commit(start.offset().token());
            requests.start();
            running.run();
            Work work = new Work(
                    output,
                    new EventPublisher(context, client, output),
                    loads,
                    new CollectionRequests(client, output, loads, requests.requests()),
                    new OplogWatch(context, client));
            MongoOffset offset = start.offset();
            LOG.info("Streaming {} from {}", context.source().name(), ClusterTime.text(offset.time()));
            while (!closed) {
                try (ChangeStream stream = ChangeStream.open(context, client, deployment, offset)) {
                    BsonDocument token = follow(stream, work, offset);
                    offset = new MongoOffset(
                            token, output.positions().time(), output.positions().order(), 0);
                }
            }
        }
    }

    private void show(CollectionState state) {
        CollectionState.Halted halted = state.halted();
        if (halted != null) {
            context.progress().halted(state.table(), halted.cause(state.table()));
            LOG.warn("Collection {} is halted: {} {}", state.table(), halted.code(), halted.remedy());
        }
    }

    /** Follows one stream until it is over; returns where the next goes on. */
    private @Nullable BsonDocument follow(ChangeStream stream, Work work, MongoOffset start)
            throws InterruptedException {
        SessionOutput output = work.output();
        CollectionLoads loads = work.loads();
        BsonDocument token = start.token();
        long lastStored = System.nanoTime();
        long lastRound = System.nanoTime();
        while (!closed && !stream.isOver()) {
            boolean busy = stream.holdsBack() || output.sinceCommit() > 0 || !loads.isOver();
            ChangeStream.Part part = stream.read(busy ? GLANCE_MILLIS : IDLE_MILLIS);
            work.events().publish(start.token() == null ? after(part.events(), start.time()) : part.events());
            if (!part.isBoundary()) {
                continue;
            }
            token = part.token();
            output.positions().through(part.through());
            work.requests().carryOut();
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
            }
            work.oplog().look();
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

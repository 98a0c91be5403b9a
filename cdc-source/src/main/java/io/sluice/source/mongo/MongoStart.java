package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.mongo.MongoCatalog;
import io.sluice.platform.mongo.MongoDeployment;
import io.sluice.schemas.model.TableId;
import io.sluice.source.capture.Continuity;
import io.sluice.source.publish.TransactionalPublisher;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bson.BsonTimestamp;

/**
 * The first part of a session: from what is stored and what is there to a place from which the stream can go on, stored with
 * what is known of each collection.
 */
final class MongoStart {

    private static final int SECONDS_PER_MINUTE = 60;

    private final MongoContext context;
    private final MongoGuard guard;
    private final TransactionalPublisher publisher;
    private final MongoClient client;
    private final MongoDeployment deployment;
    private final Map<String, TopicFacts> topics;

    MongoStart(
            MongoContext context,
            TransactionalPublisher publisher,
            MongoClient client,
            MongoDeployment deployment,
            Map<String, TopicFacts> topics) {
        this.context = context;
        this.guard = new MongoGuard(context);
        this.publisher = publisher;
        this.client = client;
        this.deployment = deployment;
        this.topics = Map.copyOf(topics);
    }

    /**
     * Where the stream goes on.
     *
     * @param replaced collections that are not those that were captured, and have to halt
     */
    record Start(int epoch, MongoOffset offset, Map<TableId, CollectionState> collections, List<TableId> replaced) {}

    /** Goes on from what is stored, or begins where nothing is. */
    Start start(MongoState stored) {
        MongoFacts facts = stored.facts();
        if (facts == null) {
            return begin(1, Map.of());
        }
        guard.checkTopics(facts.topicIds(), topics);
        return resume(stored, facts);
    }

    /** Of what is stored only the epoch matters, and who may have rows; whatever else stands there may be unreadable. */
    Start beginEpoch(MongoStateRecords.Salvaged salvaged) {
        MongoFacts facts = salvaged.state().facts();
        int epoch = facts == null
                // Where even that is lost: minutes count higher than anybody began epochs.
                ? (int) (Instant.now().getEpochSecond() / SECONDS_PER_MINUTE)
                : facts.epoch() + 1;
        salvaged.unreadable().forEach(key -> publisher.send(context.state().removal(key)));
        return begin(epoch, salvaged.state().collections());
    }

    private Start begin(int epoch, Map<TableId, CollectionState> before) {
        Continuity.refuseErrors(new MongoCheck(context).run(client));
        BsonTimestamp now = Objects.requireNonNull(deployment.operationTime(), "operationTime");
        MongoOffset offset = new MongoOffset(null, ClusterTime.of(now), 0, ClusterTime.micros(ClusterTime.of(now)));
        Map<TableId, CollectionState> collections = new LinkedHashMap<>();
        for (TableId table : context.tables().all()) {
            CollectionState former = before.get(table);
            String uuid = existing(table);
            collections.put(table, former == null ? CollectionState.unread(table, uuid) : former.inNewEpoch(uuid));
        }
        return stored(new Start(epoch, offset, collections, List.of()), List.of());
    }

    private Start resume(MongoState stored, MongoFacts facts) {
        MongoOffset offset = guard.offset(stored);
        guard.checkDeployment(facts, deployment);
        if (!stored.collections().keySet().containsAll(context.tables().all())) {
            Continuity.refuseErrors(new MongoCheck(context).run(client));
        }
        if (!StreamRequest.watched(context.tables().all()).equals(facts.watched()) && !deployment.sharded()) {
            // A token belongs to the stream that gave it; a time does not, and everything up to it is stored.
            offset = new MongoOffset(null, offset.time(), offset.order(), offset.committedAtMicros());
        }
        Map<TableId, CollectionState> collections = new LinkedHashMap<>();
        List<TableId> replaced = new ArrayList<>();
        for (TableId table : context.tables().all()) {
            CollectionState state = stored.collections().get(table);
            if (state == null) {
                collections.put(table, CollectionState.unread(table, existing(table)));
                continue;
            }
            collections.put(table, state.readBy(context.tables().readers(table)));
            if (!state.isHalted() && !uuid(table).orElse("").equals(state.uuid())) {
                replaced.add(table);
            }
        }
        if (!replaced.isEmpty() && replaced.size() == collections.size() && !guard.isSurelyTheSame(facts, deployment)) {
            // Not one is the same: rather another database than that many accidents. Nothing is stored of that.
            throw guard.replaced();
        }
        // What nobody reads any more goes by unseen from here on.
        List<CollectionState> unread = stored.collections().values().stream()
                .filter(state -> !collections.containsKey(state.table()))
                .map(state -> state.readBy(List.of()))
                .toList();
        return stored(new Start(facts.epoch(), offset, collections, replaced), unread);
    }

    private Start stored(Start start, List<CollectionState> unread) {
        publisher.send(context.state()
                .facts(new MongoFacts(
                        start.epoch(),
                        MongoGuard.setOf(deployment),
                        deployment.identity(),
                        StreamRequest.watched(context.tables().all()),
                        Continuity.ids(topics))));
        publisher.send(context.state().offset(start.offset()));
        start.collections()
                .values()
                .forEach(state -> publisher.send(context.state().collection(state)));
        unread.forEach(state -> publisher.send(context.state().collection(state)));
        publisher.commit();
        return start;
    }

    private Optional<String> uuid(TableId table) {
        return new MongoCatalog(client).find(table.schema(), table.table()).map(MongoCatalog.Found::uuid);
    }

    private String existing(TableId table) {
        return uuid(table)
                .orElseThrow(() -> new EnvironmentException(
                        "SOURCE_UNFIT",
                        "the collection is gone",
                        "collection " + table,
                        "Create it, or take it out of the pipeline file.",
                        null));
    }
}

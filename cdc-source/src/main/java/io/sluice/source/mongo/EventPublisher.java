package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.UnrepresentableDocumentException;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** Publishes events in their order, and reads what they don't tell. Belongs to the session's thread. */
final class EventPublisher {

    private static final int MOST_AT_ONCE = 1_000;

    private final SessionOutput output;
    private final Lookups lookups;
    private int atOnce = MOST_AT_ONCE;

    EventPublisher(MongoContext context, MongoClient client, SessionOutput output) {
        this.output = output;
        this.lookups = new Lookups(client, context.place());
    }

    void publish(List<StreamEvent> events) {
        List<StreamEvent.Changed> run = new ArrayList<>();
        for (StreamEvent event : events) {
            if (event instanceof StreamEvent.Changed changed) {
                if (!output.collection(changed.table()).isHalted()) {
                    run.add(changed);
                }
            } else if (event instanceof StreamEvent.Ended ended) {
                publishRuns(run);
                run.clear();
                output.positions().through(ended.time());
                ended.tables().forEach(table -> output.halt(table, ended.code(), ended.problem()));
            }
        }
        publishRuns(run);
    }

    private void publishRuns(List<StreamEvent.Changed> events) {
        int begin = 0;
        while (begin < events.size()) {
            List<StreamEvent.Changed> run = events.subList(begin, Math.min(events.size(), begin + atOnce));
            if (publishRun(run)) {
                begin += run.size();
                atOnce = Math.min(MOST_AT_ONCE, atOnce * 2);
            } else {
                atOnce = Math.max(1, run.size() / 2);
            }
        }
    }

    /** Says false if it holds more than can be read at once. */
    private boolean publishRun(List<StreamEvent.Changed> run) {
        ReadingPlan plan = new ReadingPlan(run, this::horizon);
        long end = run.get(run.size() - 1).time();
        Map<TableId, Lookups.Found> found = new HashMap<>();
        for (Map.Entry<TableId, Map<String, BsonValue>> each : plan.toRead().entrySet()) {
            TableId table = each.getKey();
            Optional<Lookups.Found> read = lookups.read(table, each.getValue(), ClusterTime.later(end, horizon(table)));
            if (read.isEmpty()) {
                return false;
            }
            found.put(table, read.get());
        }
        Map<TableId, UnrepresentableDocumentException> unrepresentable = new HashMap<>();
        for (int i = 0; i < run.size(); i++) {
            StreamEvent.Changed event = run.get(i);
            if (!unrepresentable.containsKey(event.table())) {
                try {
                    publish(event, plan.fate(i), found);
                } catch (UnrepresentableDocumentException e) {
                    unrepresentable.put(event.table(), e);
                    output.halt(event.table(), e);
                }
            }
        }
        found.forEach((table, read) -> output.collection(table).readAsOf(read.time()));
        return true;
    }

    private long horizon(TableId table) {
        return output.collection(table).state().horizon();
    }

    private void publish(StreamEvent.Changed event, ReadingPlan.Fate fate, Map<TableId, Lookups.Found> found) {
        // Also of an event that something later stands for: a position tells how far the log was followed.
        Provenance provenance = new Provenance(
                output.positions().at(event.time()),
                event.committedAtMicros(),
                event.transaction(),
                Provenance.Kind.STREAM);
        OpenCollection collection = output.collection(event.table());
        switch (fate) {
            case COVERED -> {}
            case AS_TOLD -> publish(collection, event, event.after(), provenance);
            case AS_READ -> {
                Lookups.Found read = Objects.requireNonNull(found.get(event.table()), "read");
                publish(collection, event, read.documents().get(event.key()), provenance);
            }
        }
        output.sent(event.committedAtMicros());
    }

    private static void publish(
            OpenCollection collection,
            StreamEvent.Changed event,
            @Nullable RawBsonDocument now,
            Provenance provenance) {
        if (now == null) {
            collection.deleted(event.key(), event.deleted() ? event.before() : null, provenance);
        } else {
            collection.upserted(event.key(), now, event.deleted() ? null : event.before(), provenance);
        }
    }
}

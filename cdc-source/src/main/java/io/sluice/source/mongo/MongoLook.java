package io.sluice.source.mongo;

import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.MongoCatalog;
import io.sluice.platform.mongo.MongoOplog;
import io.sluice.platform.preflight.ExpectedLoad;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.model.TableId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/** What a start would find and read; only reads. Nothing is made in a MongoDB deployment. */
final class MongoLook {

    private static final Duration SHORT = Duration.ofHours(1);

    private final MongoContext context;

    MongoLook(MongoContext context) {
        this.context = context;
    }

    /** @param stored what is known of the collections that were captured so far */
    Preflight run(Map<TableId, CollectionState> stored) {
        try (MongoClient client = context.connector().open()) {
            Preflight checked = Preflight.found(new MongoCheck(context).run(client));
            return checked.isFatal()
                    ? checked
                    : checked.and(new Preflight(headroom(client), List.of(), loads(client, stored)));
        }
    }

    private List<Finding> headroom(MongoClient client) {
        MongoOplog oplog = MongoOplog.read(client).orElse(null);
        OptionalDouble seconds = oplog == null ? OptionalDouble.empty() : oplog.secondsLeft(oplog.newestSeconds());
        if (seconds.isEmpty()) {
            return List.of();
        }
        Duration lasts = Duration.ofSeconds((long) Math.min(1e9, seconds.getAsDouble()));
        String problem = "at the pace of late its oplog reaches back " + shown(lasts)
                + ", and the source may not be away for longer";
        String remedy =
                "Where that is too short: db.adminCommand({replSetResizeOplog: 1, size: …, minRetentionHours: …}).";
        String place = context.connector().address();
        return List.of(
                lasts.compareTo(SHORT) < 0
                        ? Finding.warning(place, problem, remedy)
                        : new Finding(Finding.Severity.INFO, place, problem, remedy));
    }

    private static String shown(Duration time) {
        return time.toDays() > 2
                ? time.toDays() + " days"
                : time.toHours() > 2 ? time.toHours() + " hours" : time.toMinutes() + " minutes";
    }

    private List<ExpectedLoad> loads(MongoClient client, Map<TableId, CollectionState> stored) {
        MongoCatalog catalog = new MongoCatalog(client);
        List<ExpectedLoad> loads = new ArrayList<>();
        for (TableId id : context.tables().all()) {
            if (!isLoaded(stored.get(id), context.tables().readers(id))) {
                loads.add(new ExpectedLoad(
                        context.source().name(),
                        id.schema() + "." + id.table(),
                        catalog.estimate(id.schema(), id.table()),
                        bytes(client, id)));
            }
        }
        return loads;
    }

    private static boolean isLoaded(@Nullable CollectionState state, List<String> readers) {
        return state != null
                && state.loading() == null
                && state.halted() == null
                && state.services().containsAll(readers);
    }

    /** Negative where the server does not say it. */
    private static long bytes(MongoClient client, TableId id) {
        try {
            BsonDocument size = client.getDatabase(id.schema())
                    .runCommand(new BsonDocument("collStats", new BsonString(id.table())), BsonDocument.class);
            return size.isNumber("size") ? size.getNumber("size").longValue() : -1;
        } catch (MongoCommandException e) {
            return -1;
        }
    }
}

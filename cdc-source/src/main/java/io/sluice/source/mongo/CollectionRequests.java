package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.MongoCatalog;
import io.sluice.schemas.model.TableId;
import io.sluice.source.capture.Remedies;
import io.sluice.source.request.LoadRequest;
import java.util.Optional;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what operators ask, at a boundary of the stream. What it changes is stored by the next commit, and with it which
 * request that was: one that is read once more is not carried out twice. Belongs to the session's thread.
 */
final class CollectionRequests {

    private static final Logger LOG = LoggerFactory.getLogger(CollectionRequests.class);

    private final MongoClient client;
    private final SessionOutput output;
    private final CollectionLoads loads;
    private final Queue<LoadRequest> requests;

    /** @param requests filled by another thread */
    CollectionRequests(MongoClient client, SessionOutput output, CollectionLoads loads, Queue<LoadRequest> requests) {
        this.client = client;
        this.output = output;
        this.loads = loads;
        this.requests = requests;
    }

    /** Carries out what was asked since the last call. */
    void carryOut() {
        for (LoadRequest request = requests.poll(); request != null; request = requests.poll()) {
            OpenCollection collection = output.find(request.table()).orElse(null);
            if (collection == null) {
                LOG.warn("Collection {} is asked for, and nobody reads it", request.table());
            } else if (!request.id().equals(collection.state().request())) {
                switch (request.kind()) {
                    case LOAD -> load(collection, request);
                    case CANCEL -> cancel(collection, request);
                }
                output.changed();
            }
        }
    }

    private void load(OpenCollection collection, LoadRequest request) {
        TableId table = collection.table();
        Optional<MongoCatalog.Found> found = new MongoCatalog(client).find(table.schema(), table.table());
        if (found.isEmpty()) {
            refuse(collection, request, "there is no such collection");
        } else if (!found.get().isPlain() || found.get().capped()) {
            refuse(collection, request, "it is a view, a time series or capped now");
        } else {
            collection.readAgain(found.get().uuid(), CollectionLoads.loadName(), request.id());
            loads.show(collection);
            LOG.info("Collection {} is read again", table);
        }
    }

    private void cancel(OpenCollection collection, LoadRequest request) {
        TableId table = collection.table();
        CollectionState state = collection.state();
        CollectionState.Load load = state.loading();
        if (load == null) {
            refuse(collection, request, "no load is under way");
            return;
        }
        if (state.services().containsAll(load.services())) {
            collection.giveUpLoad(output.positions().here());
            loads.over(collection);
        } else if (state.services().isEmpty()) {
            output.halt(
                    table,
                    new CollectionState.Halted(
                            "LOAD_CANCELLED",
                            "its first load was cancelled",
                            "Read it with " + Remedies.backfill(table) + ", or take it out of the pipeline file.",
                            output.positions().time()));
        } else {
            refuse(
                    collection,
                    request,
                    "a service has none of its documents yet; take the collection out of that service first");
            return;
        }
        collection.took(request.id());
        LOG.info("The load of collection {} was cancelled", table);
    }

    private static void refuse(OpenCollection collection, LoadRequest request, String why) {
        LOG.warn("The request {} for collection {} is not carried out: {}", request.kind(), request.table(), why);
        collection.took(request.id());
    }
}

package io.sluice.source.mongo;

import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.platform.mongo.MongoCatalog;
import io.sluice.platform.mongo.UnrepresentableDocumentException;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bson.BsonValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loads of a session. In a round each of several collections gives one piece, read side by side while the stream stands
 * still; what is read stands after everything published so far, and is as of that time or later. Belongs to the session's
 * thread.
 */
final class CollectionLoads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CollectionLoads.class);

    private static final int MOST_WORKERS = 4;

    private final MongoContext context;
    private final SessionOutput output;
    private final MongoClient client;
    private final ChunkReader reader;
    private final ExecutorService workers;
    private final int width;
    private final int epoch;

    CollectionLoads(MongoContext context, MongoClient client, SessionOutput output, int epoch) {
        this.context = context;
        this.client = client;
        this.output = output;
        this.epoch = epoch;
        this.reader = new ChunkReader(client, context.place());
        this.width = context.source()
                .snapshotWorkers()
                .orElse(Math.min(MOST_WORKERS, Runtime.getRuntime().availableProcessors()));
        this.workers = Executors.newFixedThreadPool(width, work -> {
            Thread thread = new Thread(work, "sluice-load-" + context.source().name());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Takes up what was begun, and begins what is missing. */
    void begin() {
        for (OpenCollection collection : output.collections()) {
            collection.beginLoad(loadName(), epoch);
            if (collection.isLoading()) {
                show(collection);
            } else if (!collection.isHalted()) {
                over(collection);
            }
        }
    }

    /** Tells of a load that has begun. */
    void show(OpenCollection collection) {
        TableId table = collection.table();
        context.progress()
                .loading(
                        table,
                        load(collection).rows(),
                        new MongoCatalog(client).estimate(table.schema(), table.table()));
    }

    /** Tells that no load of it is under way, and only the stream goes on. */
    void over(OpenCollection collection) {
        context.progress().loaded(collection.table(), collection.state().rows());
        context.progress().streaming(collection.table());
    }

    /** No two loads have the same. */
    static String loadName() {
        return UUID.randomUUID().toString();
    }

    private static CollectionState.Load load(OpenCollection collection) {
        return Objects.requireNonNull(collection.state().loading(), "loading");
    }

    boolean isOver() {
        return output.collections().stream().noneMatch(OpenCollection::isLoading);
    }

    /** Reads the next pieces and sends them; the caller ends the Kafka transaction. */
    void round() throws InterruptedException {
        long now = output.positions().time();
        Map<OpenCollection, Future<ChunkReader.Chunk>> chunks = new LinkedHashMap<>();
        List<OpenCollection> loading = new ArrayList<>(output.collections());
        loading.removeIf(collection -> !collection.isLoading());
        for (OpenCollection collection : loading.subList(0, Math.min(width, loading.size()))) {
            String lastId = load(collection).lastId();
            BsonValue after = lastId == null ? null : DocumentDecoder.parsedId(lastId);
            long atLeast = ClusterTime.later(now, collection.state().horizon());
            int limit = collection.chunkLimit();
            chunks.put(
                    collection,
                    workers.submit(() -> reader.read(collection.table(), collection.decoder(), after, atLeast, limit)));
        }
        for (Map.Entry<OpenCollection, Future<ChunkReader.Chunk>> each : chunks.entrySet()) {
            try {
                publish(each.getKey(), each.getValue().get());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnrepresentableDocumentException cause) {
                    output.halt(each.getKey().table(), cause);
                } else if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                } else {
                    throw new IllegalStateException(e.getCause());
                }
            }
        }
    }

    private void publish(OpenCollection collection, ChunkReader.Chunk chunk) {
        if (!chunk.uuid().equals(collection.state().uuid())) {
            // Dropped meanwhile, and perhaps made again: the stream will say so, but these documents may be another's.
            output.halt(
                    collection.table(),
                    "COLLECTION_REPLACED",
                    "the collection was dropped or replaced while it was read");
            return;
        }
        Position position = output.positions().here();
        long nowMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        BsonValue lastId = chunk.lastId();
        collection.loaded(
                chunk,
                lastId == null ? null : DocumentDecoder.exactId(lastId),
                new Provenance(position, nowMicros, null, Provenance.Kind.SNAPSHOT));
        output.sent(nowMicros);
        context.progress().rowsRead(collection.table(), chunk.documents().size());
        if (!collection.isLoading()) {
            over(collection);
            LOG.info(
                    "Read collection {}: {} documents",
                    collection.table(),
                    collection.state().rows());
            collection.beginLoad(loadName(), epoch);
            if (collection.isLoading()) {
                show(collection);
            }
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}

package io.sluice.source.mongo;

import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import io.sluice.source.publish.ChangeRecords;
import io.sluice.source.publish.ChangeTopic;
import io.sluice.source.publish.TransactionalPublisher;
import java.util.List;
import java.util.Objects;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** A collection in a session: where its changes go, and what has to be stored of it. Belongs to the session's thread. */
final class OpenCollection {

    private final DocumentDecoder decoder;
    private final SchemaStore schemas;
    private final int maxRecordBytes;
    private final List<ChangeTopic> topics;
    private final TransactionalPublisher publisher;
    private final Runnable counter;
    private final ChangeRecords records;
    private @Nullable ChangeRecords loadRecords;
    private CollectionState state;
    private boolean unstored;
    private boolean atHorizon;
    private int chunkLimit = ChunkReader.firstLimit();

    /** @param topics one for each service that reads it */
    OpenCollection(
            CollectionState state,
            List<ChangeTopic> topics,
            SchemaStore schemas,
            int maxRecordBytes,
            TransactionalPublisher publisher,
            Runnable counter) {
        this.state = state;
        this.topics = List.copyOf(topics);
        this.schemas = schemas;
        this.maxRecordBytes = maxRecordBytes;
        this.publisher = publisher;
        this.counter = counter;
        this.decoder = new DocumentDecoder(state.table().table());
        this.records = ChangeRecords.of(schemas, state.table(), decoder.schema(), false, this.topics, maxRecordBytes);
    }

    TableId table() {
        return state.table();
    }

    CollectionState state() {
        return state;
    }

    DocumentDecoder decoder() {
        return decoder;
    }

    boolean isHalted() {
        return state.isHalted();
    }

    boolean isLoading() {
        return state.loading() != null && !state.isHalted();
    }

    int chunkLimit() {
        return chunkLimit;
    }

    void upserted(String key, RawBsonDocument after, @Nullable RawBsonDocument before, Provenance provenance) {
        Key id = decoder.key(key);
        records.make(
                new Change.Upserted(
                        table(),
                        id,
                        decoder.row(key, after),
                        before == null ? null : decoder.row(key, before),
                        provenance),
                publisher::send);
        counter.run();
    }

    void deleted(String key, @Nullable RawBsonDocument before, Provenance provenance) {
        records.make(
                new Change.Deleted(
                        table(), decoder.key(key), before == null ? null : decoder.row(key, before), provenance),
                publisher::send);
        counter.run();
    }

    /** Publishes a piece of the load, with its begin before the first and its end after the last. */
    void loaded(ChunkReader.Chunk chunk, @Nullable String lastId, Provenance provenance) {
        CollectionState.Load load = Objects.requireNonNull(state.loading(), "loading");
        if (!load.hasBegun()) {
            mark(LoadMarker.begin(table(), load.name(), load.sweep(), provenance.position()), load);
        }
        ChangeRecords out = loadRecords;
        if (out == null) {
            out = ChangeRecords.of(schemas, table(), decoder.schema(), false, topics(load), maxRecordBytes);
            loadRecords = out;
        }
        for (ChunkReader.Read read : chunk.documents()) {
            out.make(
                    new Change.Upserted(table(), decoder.key(read.key()), read.row(), null, provenance),
                    publisher::send);
        }
        chunkLimit = chunk.nextLimit();
        readAsOf(chunk.readAt());
        if (lastId == null) {
            mark(LoadMarker.end(table(), load.name(), load.sweep(), provenance.position()), load);
            become(state.loaded());
            loadRecords = null;
        } else {
            become(state.withLoading(load.read(lastId, chunk.documents().size())));
        }
    }

    private List<ChangeTopic> topics(CollectionState.Load load) {
        return topics.stream()
                .filter(topic -> load.services().contains(topic.service()))
                .toList();
    }

    private void mark(LoadMarker marker, CollectionState.Load load) {
        topics(load).forEach(topic -> topic.markers(marker).forEach(publisher::send));
    }

    /** Begins a load for those who read it and have nothing, if there are any and no other load is under way. */
    void beginLoad(String name, int epoch) {
        if (state.loading() != null || state.isHalted()) {
            return;
        }
        List<String> newcomers = topics.stream()
                .map(ChangeTopic::service)
                .filter(service -> !state.services().contains(service))
                .toList();
        if (!newcomers.isEmpty()) {
            boolean sweep = epoch > 1 || newcomers.stream().anyMatch(state.former()::contains);
            become(state.withLoading(new CollectionState.Load(name, sweep, newcomers, null, 0)));
        }
    }

    /** Notes that something was read as of that time. */
    void readAsOf(long time) {
        CollectionState next = state.readAsOf(time);
        if (!next.equals(state)) {
            state = next;
            atHorizon = true;
        }
    }

    /** Begins a load for everyone who reads it, as an operator asked; what it does not meet is to go. */
    void readAgain(String uuid, String name, String request) {
        List<String> readers = topics.stream().map(ChangeTopic::service).toList();
        become(state.again(uuid, new CollectionState.Load(name, true, readers, null, 0), request));
        loadRecords = null;
    }

    /** Gives up the load that is under way: nothing may be concluded from what it did not meet. */
    void giveUpLoad(Position position) {
        CollectionState.Load load = state.loading();
        if (load != null) {
            if (load.hasBegun()) {
                mark(LoadMarker.end(table(), load.name(), false, position), load);
            }
            become(state.withoutLoading());
            loadRecords = null;
        }
    }

    /** Notes that this request was taken up. */
    void took(String request) {
        become(state.withRequest(request));
    }

    /** Its changes are discarded from here on. */
    void halt(CollectionState.Halted why, Position position) {
        CollectionState next = state.halted(why);
        giveUpLoad(position);
        become(next);
    }

    private void become(CollectionState next) {
        state = next;
        unstored = true;
    }

    /** Whether what is known of it has to be stored together with this boundary: a horizon that is passed need not be. */
    boolean isUnstored(long boundary) {
        return unstored || (atHorizon && ClusterTime.isAfter(state.horizon(), boundary));
    }

    void stored() {
        unstored = false;
        atHorizon = false;
    }
}

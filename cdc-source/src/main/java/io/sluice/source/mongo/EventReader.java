package io.sluice.source.mongo;

import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.schemas.model.TableId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.jspecify.annotations.Nullable;

/** Makes sense of the documents of a change stream. */
final class EventReader {

    private static final long MICROS_PER_MILLI = 1_000;

    /** By database and collection, as the stream names them. */
    private final Map<String, Map<String, TableId>> tables = new HashMap<>();

    EventReader(Collection<TableId> tables) {
        for (TableId table : tables) {
            this.tables
                    .computeIfAbsent(table.schema(), database -> new HashMap<>())
                    .put(table.table(), table);
        }
    }

    StreamEvent read(BsonDocument event) {
        BsonDocument token = event.getDocument("_id");
        long time = ClusterTime.of(event.getTimestamp("clusterTime"));
        String operation = event.getString("operationType").getValue();
        BsonDocument namespace = event.getDocument("ns", new BsonDocument());
        TableId table = table(namespace);
        return switch (operation) {
            case "insert", "update", "replace", "delete" ->
                table == null
                        ? new StreamEvent.Other(time, token)
                        : changed(event, operation.equals("delete"), table, time, token);
            case "drop" -> ended(table, null, "COLLECTION_DROPPED", "the collection was dropped", time, token);
            case "rename" -> {
                TableId to = table(event.getDocument("to", new BsonDocument()));
                yield ended(
                        table,
                        to,
                        "COLLECTION_RENAMED",
                        table == null ? "another collection took its name" : "the collection got another name",
                        time,
                        token);
            }
            case "dropDatabase" ->
                new StreamEvent.Ended(
                        List.copyOf(tables.getOrDefault(text(namespace, "db"), Map.of())
                                .values()),
                        "COLLECTION_DROPPED",
                        "its database was dropped",
                        time,
                        token);
            default -> new StreamEvent.Other(time, token);
        };
    }

    private @Nullable TableId table(BsonDocument namespace) {
        return tables.getOrDefault(text(namespace, "db"), Map.of()).get(text(namespace, "coll"));
    }

    private static String text(BsonDocument document, String field) {
        return document.isString(field) ? document.getString(field).getValue() : "";
    }

    private static StreamEvent ended(
            @Nullable TableId from, @Nullable TableId to, String code, String problem, long time, BsonDocument token) {
        List<TableId> gone = Stream.of(from, to)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .distinct()
                .toList();
        return gone.isEmpty()
                ? new StreamEvent.Other(time, token)
                : new StreamEvent.Ended(gone, code, problem, time, token);
    }

    private static StreamEvent changed(
            BsonDocument event, boolean deleted, TableId table, long time, BsonDocument token) {
        BsonValue id = event.getDocument("documentKey").get(DocumentDecoder.ID);
        if (id == null) {
            throw new IllegalStateException("an event without the id of its document");
        }
        return new StreamEvent.Changed(
                deleted,
                table,
                id,
                DocumentDecoder.canonicalId(id),
                deleted ? null : document(event.get("fullDocument")),
                document(event.get("fullDocumentBeforeChange")),
                time,
                event.isDateTime("wallTime")
                        ? event.getDateTime("wallTime").getValue() * MICROS_PER_MILLI
                        : ClusterTime.micros(time),
                transaction(event, time),
                token);
    }

    private static @Nullable RawBsonDocument document(@Nullable BsonValue value) {
        if (value instanceof RawBsonDocument document) {
            return document;
        }
        return value != null && value.isDocument()
                ? new RawBsonDocument(value.asDocument(), new BsonDocumentCodec())
                : null;
    }

    /** A write outside a transaction is one of its own. */
    private static String transaction(BsonDocument event, long time) {
        if (event.isDocument("lsid") && event.isNumber("txnNumber")) {
            BsonValue session = event.getDocument("lsid").get("id");
            if (session instanceof BsonBinary binary) {
                return HexFormat.of().formatHex(binary.getData()) + ":"
                        + event.getNumber("txnNumber").longValue();
            }
        }
        return ClusterTime.text(time);
    }
}

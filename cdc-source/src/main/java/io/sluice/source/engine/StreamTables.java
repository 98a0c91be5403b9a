package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.PostgresTypes;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.decode.Relation;
import io.sluice.source.decode.StreamTable;
import io.sluice.source.position.TableLoad;
import io.sluice.source.publish.ChangeRecords;
import io.sluice.source.publish.TransactionalPublisher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Opens tables as the log describes them. Columns and types come from the log alone, for the catalog may be ahead of it; only
 * what the log does not say, whether a column may be null, is looked up.
 */
final class StreamTables implements StreamTable.Tables {

    private static final String UNDEFINED_OBJECT = "42704";

    private final String source;
    private final SourceTables tables;
    private final Map<TableId, TableLoad> loads;
    private final Map<String, TopicFacts> topics;
    private final PostgresConnector connector;
    private final SchemaStore schemas;
    private final TransactionalPublisher publisher;
    private final ProgressBoard progress;
    private final Set<TableId> wanted;

    StreamTables(
            String source,
            SourceTables tables,
            Map<TableId, TableLoad> loads,
            Map<String, TopicFacts> topics,
            PostgresConnector connector,
            SchemaStore schemas,
            TransactionalPublisher publisher,
            ProgressBoard progress) {
        this.source = source;
        this.tables = tables;
        this.loads = Map.copyOf(loads);
        this.topics = topics;
        this.connector = connector;
        this.schemas = schemas;
        this.publisher = publisher;
        this.progress = progress;
        this.wanted = new HashSet<>(tables.all());
    }

    @Override
    public @Nullable StreamTable open(Relation relation) {
        TableId id = new TableId(source, relation.schema(), relation.name());
        TableLoad load = loads.get(id);
        if (load == null || !wanted.contains(id)) {
            refuseRenamed(relation, id);
            return null;
        }
        if (load.oid() != Integer.toUnsignedLong(relation.oid())) {
            throw changed(id, "was dropped and made again");
        }
        RowSchema row;
        try (Connection connection = connector.open()) {
            SessionSettings.apply(connection);
            row = row(new PostgresCatalog(connection), relation, load);
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
        checkKey(id, relation, row, load);
        ChangeRecords records =
                ChangeRecords.of(schemas, id, row, relation.identity() == 'f', tables.changeTopics(id, topics));
        Runnable counter = progress.changeCounter(id);
        return new StreamTable(id, row, load.filter(), new StreamTable.Output() {
            @Override
            public void upserted(Change.Upserted change) {
                records.make(change, publisher::send);
                counter.run();
            }

            @Override
            public void deleted(Change.Deleted change) {
                records.make(change, publisher::send);
                counter.run();
            }

            @Override
            public void truncated() {
                throw new HaltException(
                        "TABLE_TRUNCATED",
                        "the table was truncated, which has no place among the changes of single keys",
                        "table " + id,
                        "Start a new epoch with `sluice run FILE --new-epoch " + source
                                + "`: the tables are read again, and rows that are gone are swept.");
            }
        });
    }

    /** A publication follows a table to its new name; its changes must not vanish because nobody asks for that name. */
    private void refuseRenamed(Relation relation, TableId now) {
        for (TableLoad load : loads.values()) {
            if (load.oid() == Integer.toUnsignedLong(relation.oid()) && wanted.contains(load.table())) {
                throw changed(load.table(), "is now called " + now.schema() + "." + now.table());
            }
        }
    }

    private HaltException changed(TableId table, String what) {
        return new HaltException(
                "TABLE_REPLACED",
                "the table " + what,
                "table " + table,
                "Give it its name back, or change the pipeline file and start a new epoch with `sluice run FILE --new-epoch "
                        + source + "`.");
    }

    private static RowSchema row(PostgresCatalog catalog, Relation relation, TableLoad load) throws SQLException {
        Optional<PostgresTable> now = catalog.read(Integer.toUnsignedLong(relation.oid()));
        List<Column> columns = new ArrayList<>();
        for (Relation.RelationColumn column : relation.columns()) {
            PostgresTypes.Resolved resolved = resolve(catalog.types(), column);
            Column known = now.map(PostgresTable::row)
                    .map(row -> row.indexOf(column.name()) < 0 ? null : row.column(row.indexOf(column.name())))
                    .orElse(null);
            // The log does not say how many dimensions an array was declared with.
            LogicalType type =
                    known != null && known.declared().equals(resolved.declared()) ? known.type() : resolved.type();
            columns.add(new Column(column.name(), type, resolved.declared(), known == null || known.nullable()));
        }
        List<String> key = new ArrayList<>();
        for (String part : load.key()) {
            String name = TableKeys.name(part);
            if (columns.stream().noneMatch(column -> column.name().equals(name))) {
                throw keyChanged(load.table());
            }
            key.add(name);
        }
        return new RowSchema(relation.name(), columns, key);
    }

    /** A type may be gone by now; its values in the log are text all the same. */
    private static PostgresTypes.Resolved resolve(PostgresTypes types, Relation.RelationColumn column)
            throws SQLException {
        try {
            return types.resolve(column.type(), column.modifier(), 0);
        } catch (SQLException e) {
            if (UNDEFINED_OBJECT.equals(e.getSQLState())) {
                return new PostgresTypes.Resolved(new LogicalType.Native("dropped"), "text");
            }
            throw e;
        }
    }

    private static void checkKey(TableId id, Relation relation, RowSchema row, TableLoad load) {
        if (!TableKeys.of(row).equals(load.key())) {
            throw keyChanged(id);
        }
        Set<String> identifying = new HashSet<>();
        relation.columns().stream()
                .filter(Relation.RelationColumn::identifies)
                .forEach(column -> identifying.add(column.name()));
        boolean named = relation.identity() == 'f' || identifying.equals(new HashSet<>(row.keyColumns()));
        if (relation.identity() == 'n' || !named) {
            throw keyChanged(id);
        }
    }

    private static HaltException keyChanged(TableId id) {
        return new HaltException(
                "KEY_CHANGED",
                "the columns by which the log identifies a row are no longer those that the table was loaded with",
                "table " + id,
                "Set the primary key or replica identity back, or start a new epoch with `sluice run FILE --new-epoch "
                        + id.source() + "`.");
    }
}

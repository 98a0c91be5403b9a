package io.sluice.app.wiring;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.PostgresText;
import io.sluice.platform.postgres.RowTextDecoder;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.schemas.codec.DecoderCache;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.RowDecoder;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.parking.OpenConflict;
import io.sluice.sink.parking.OpenConflicts;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** What waits in a service's target for a person to decide on it, with the rows of both sides. */
public final class Conflicts {

    private final OpenConflicts open;
    private final PostgresConnector target;

    /**
     * A row of the source as it was sent.
     *
     * @param row null where it was deleted
     */
    public record Sent(Key key, @Nullable Row row) {}

    public Conflicts(Pipeline pipeline, ServiceSpec service) {
        this.open = new OpenConflicts(pipeline.name(), service.name());
        this.target = PostgresConnector.of(service.target().connection(), "sluice-conflicts-" + pipeline.name());
    }

    public List<OpenConflict> all(int most) {
        try (Connection connection = target.open()) {
            return open.read(connection, most);
        } catch (SQLException e) {
            throw target.unreachable(e);
        }
    }

    /** The record's row, whose values stand in it as the schemas say. */
    public static Sent sent(SchemaStore schemas, ConsumerRecord<byte[], byte @Nullable []> record) {
        try {
            Key key = new DecoderCache<>(schemas, KeyDecoder::new)
                    .of(record.key())
                    .decode(record.key());
            byte[] value = record.value();
            if (value == null) {
                return new Sent(key, null);
            }
            RecordHeaders headers = RecordHeaders.read(name -> header(record, name));
            return new Sent(
                    key, new DecoderCache<>(schemas, RowDecoder::new).of(value).decode(value, headers.unchanged()));
        } catch (MalformedRecordException | UnknownSchemaException e) {
            throw new BadInputException(
                    "RECORD_UNREADABLE",
                    "a record that is held can't be read: " + e.getMessage(),
                    record.topic() + " partition " + record.partition() + " offset " + record.offset(),
                    "Restore its schema in the registry.");
        }
    }

    private static byte @Nullable [] header(ConsumerRecord<byte[], byte @Nullable []> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : header.value();
    }

    /** The target's row with this key as it is now; empty if there is none. */
    public Optional<Row> targets(TargetTable table, Key key) {
        try (Connection connection = target.open()) {
            SessionSettings.apply(connection);
            PostgresTable there = new PostgresCatalog(connection)
                    .read(table.schema(), table.table())
                    .orElseThrow(() -> new BadInputException(
                            "TARGET_UNSUITABLE",
                            "there is no table " + table,
                            target.address(),
                            "Check the rights of our user."));
            return row(connection, there, key);
        } catch (SQLException e) {
            throw target.unreachable(e);
        }
    }

    private static Optional<Row> row(Connection connection, PostgresTable table, Key key) throws SQLException {
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            Column named = key.schema().column(i);
            Column own = table.row().column(table.row().indexOf(named.name()));
            Object part = key.part(i);
            conditions.add(
                    part == null
                            ? Identifiers.quoted(named.name()) + " IS NULL"
                            : Identifiers.quoted(named.name()) + " = "
                                    + Identifiers.literal(PostgresText.of(named.type(), part)) + "::" + own.declared());
        }
        String columns = table.row().columns().stream()
                .map(column -> Identifiers.quoted(column.name()))
                .collect(Collectors.joining(", "));
        CopyOut copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (SELECT " + columns + " FROM " + table.qualifiedName() + " WHERE "
                        + String.join(" AND ", conditions) + " LIMIT 1) TO STDOUT");
        RowTextDecoder decoder = new RowTextDecoder(table.row(), table.displayName());
        Row row = null;
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            row = decoder.copyLine(line);
        }
        return Optional.ofNullable(row);
    }
}

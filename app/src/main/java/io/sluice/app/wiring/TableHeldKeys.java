package io.sluice.app.wiring;

import io.sluice.control.reconcile.HeldKeys;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.codec.DecoderCache;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.transform.topology.ParkedChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Reads what transform and sink have laid aside of one table from where they keep it. */
public final class TableHeldKeys implements HeldKeys {

    private static final String PARKED =
            "SELECT DISTINCT key FROM sluice.parked WHERE pipeline = ? AND service = ? AND topic = ?";

    private final Pipeline pipeline;
    private final ServiceSpec service;
    private final TableSpec table;
    private final Servers servers;
    private final Names names;
    private final DecoderCache<KeyDecoder> keys;

    public TableHeldKeys(Pipeline pipeline, ServiceSpec service, TableSpec table, Servers servers) {
        this.pipeline = pipeline;
        this.service = service;
        this.table = table;
        this.servers = servers;
        this.names = new Names(pipeline.name());
        this.keys = new DecoderCache<>(servers.schemas(), KeyDecoder::new);
    }

    @Override
    public Held read() {
        // A strong service lays nothing aside.
        return service.isStrong() ? Held.NONE : new Held(parkedChanges(), parkedRows());
    }

    private Map<TableId, Set<Key>> parkedChanges() {
        Map<String, TableId> topics = new HashMap<>();
        table.from().forEach(from -> topics.put(names.changes(service.name(), from), from));
        Map<TableId, Set<Key>> parked = new HashMap<>();
        new LatestRecords(servers.kafka())
                .read(names.transformState(service.name(), ParkedChange.store()))
                .forEach((name, stored) -> ParkedChange.read(name.unsafeArray(), stored)
                        .filter(change -> topics.containsKey(change.topic()))
                        .ifPresent(change -> add(
                                parked.computeIfAbsent(topics.get(change.topic()), none -> new HashSet<>()),
                                change.key().unsafeArray())));
        return parked;
    }

    private Set<Key> parkedRows() {
        Set<Key> parked = new HashSet<>();
        PostgresConnector connector =
                PostgresConnector.of(service.target().connection(), "sluice-reconcile-" + pipeline.name());
        try (Connection connection = connector.open();
                Statement ask = connection.createStatement();
                ResultSet there = ask.executeQuery("SELECT to_regclass('sluice.parked') IS NOT NULL")) {
            if (!there.next() || !there.getBoolean(1)) {
                return parked;
            }
            try (PreparedStatement query = connection.prepareStatement(PARKED)) {
                query.setString(1, pipeline.name());
                query.setString(2, service.name());
                query.setString(3, names.rows(service.name(), table.target()));
                try (ResultSet rows = query.executeQuery()) {
                    while (rows.next()) {
                        add(parked, rows.getBytes(1));
                    }
                }
            }
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
        return parked;
    }

    private void add(Set<Key> found, byte[] record) {
        try {
            found.add(keys.of(record).decode(record));
        } catch (MalformedRecordException | UnknownSchemaException e) {
            // What can't be read is among the dead letters, and no row has its key.
        }
    }
}

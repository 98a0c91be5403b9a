package io.sluice.source.engine;

import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.position.StateRecords;
import io.sluice.source.position.TableState;
import io.sluice.source.publish.TransactionalPublisher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is stored of every table, and the only way to change it: each change is a record in the Kafka transaction that is open,
 * so it holds if and only if what was published with it does. Belongs to the publishing thread.
 */
final class TableStates {

    private final TransactionalPublisher publisher;
    private final StateRecords records;
    private final Map<TableId, TableState> states;

    TableStates(TransactionalPublisher publisher, StateRecords records, Map<TableId, TableState> stored) {
        this.publisher = publisher;
        this.records = records;
        this.states = new LinkedHashMap<>(stored);
    }

    Optional<TableState> find(TableId table) {
        return Optional.ofNullable(states.get(table));
    }

    TableState get(TableId table) {
        return find(table).orElseThrow(() -> new IllegalStateException("nothing is stored of " + table));
    }

    List<TableState> all() {
        return List.copyOf(states.values());
    }

    void put(TableState state) {
        if (!state.equals(states.put(state.table(), state))) {
            publisher.send(records.table(state));
        }
    }

    /** Stores the keys of a range beside the state that names its slot. */
    void putKeys(TableId table, Loading.Chunk chunk, byte[] keys) {
        publisher.send(records.chunk(table, chunk.slot(), chunk.until(), keys));
    }

    /** Notes what need not be stored now: it goes with the next change of the same table. */
    void remember(TableState state) {
        states.put(state.table(), state);
    }
}

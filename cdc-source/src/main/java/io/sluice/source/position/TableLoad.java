package io.sluice.source.position;

import io.sluice.schemas.model.TableId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * That a table's first load is complete.
 *
 * @param oid which table bore that name: one that was dropped and made again is another
 * @param services who got its rows: one that reads the table since later has not
 * @param key its key columns with their types: frozen, for keys decide about partitions and order
 * @param filter where the rows were read later than the slot begins: which events the load has already seen
 */
public record TableLoad(
        TableId table, long oid, List<String> services, List<String> key, long rows, @Nullable Filter filter) {

    public TableLoad {
        Objects.requireNonNull(table, "table");
        services = List.copyOf(services);
        key = List.copyOf(key);
    }

    /**
     * Events of transactions that are visible in this snapshot are part of the load.
     *
     * @param snapshot as {@code pg_current_snapshot()} writes it
     * @param until no transaction that ends after this is visible there
     */
    public record Filter(String snapshot, long until) {}
}

package io.sluice.sink.timescale;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.AggregateSpec;
import io.sluice.schemas.pipeline.HypertableSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The statements for one hypertable. Those of the functions' older form, which every version understands. */
final class HypertableSql {

    private final TargetTable table;
    private final HypertableSpec spec;

    HypertableSql(TargetTable table, HypertableSpec spec) {
        this.table = table;
        this.spec = spec;
    }

    /** @param move whether rows that the table has go into chunks, which keeps everybody else out meanwhile */
    String create(RowSchema rows, boolean move) {
        // A key that begins with the time finds rows by time as well.
        boolean ownIndex = !rows.keyColumns().get(0).equals(spec.time());
        return "SELECT create_hypertable(" + regclass(table.table()) + ", " + Identifiers.literal(spec.time())
                + ", chunk_time_interval => " + interval(spec.chunk()) + ", create_default_indexes => " + ownIndex
                + (move ? ", migrate_data => true" : "") + ")";
    }

    String addSpace(HypertableSpec.Space space) {
        return "SELECT add_dimension(" + regclass(table.table()) + ", " + Identifiers.literal(space.column())
                + ", number_partitions => " + space.partitions() + ")";
    }

    String setChunk() {
        return "SELECT set_chunk_time_interval(" + regclass(table.table()) + ", " + interval(spec.chunk()) + ")";
    }

    String compress() {
        String segments = spec.segmentBy().isEmpty()
                ? ""
                : ", timescaledb.compress_segmentby = " + Identifiers.literal(quoted(spec.segmentBy()));
        return "ALTER TABLE " + name(table.table()) + " SET (timescaledb.compress" + segments
                + ", timescaledb.compress_orderby = "
                + Identifiers.literal(Identifiers.quoted(spec.time()) + " DESC") + ")";
    }

    String addCompression(Duration after) {
        return "SELECT add_compression_policy(" + regclass(table.table()) + ", " + interval(after) + ")";
    }

    String removeCompression() {
        return "SELECT remove_compression_policy(" + regclass(table.table()) + ")";
    }

    String addRetention(Duration after) {
        return "SELECT add_retention_policy(" + regclass(table.table()) + ", " + interval(after) + ")";
    }

    String removeRetention() {
        return "SELECT remove_retention_policy(" + regclass(table.table()) + ")";
    }

    /** What a retention policy does, once. */
    String dropChunks(Duration after) {
        return "SELECT drop_chunks(" + regclass(table.table()) + ", older_than => " + interval(after) + ")";
    }

    /** The view shows also what has not been computed yet. */
    String createView(AggregateSpec view) {
        return "CREATE MATERIALIZED VIEW " + name(view.name())
                + " WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS " + select(view)
                + " WITH NO DATA";
    }

    /** The same, computed whenever it is read. */
    String createPlainView(AggregateSpec view) {
        return "CREATE VIEW " + name(view.name()) + " AS " + select(view);
    }

    private String select(AggregateSpec view) {
        List<String> columns = new ArrayList<>();
        columns.add("time_bucket(" + interval(view.bucket()) + ", " + Identifiers.quoted(spec.time()) + ") AS bucket");
        view.groupBy().forEach(column -> columns.add(Identifiers.quoted(column)));
        List<String> groups = new ArrayList<>();
        for (int i = 1; i <= columns.size(); i++) {
            groups.add(Integer.toString(i));
        }
        view.columns().forEach((column, sql) -> columns.add(sql + " AS " + Identifiers.quoted(column)));
        return "SELECT " + String.join(", ", columns) + " FROM " + name(table.table()) + " GROUP BY "
                + String.join(", ", groups);
    }

    /**
     * Brings up to date whatever changed, however late, but nothing that may have been dropped: to compute that anew would empty
     * it.
     */
    String addRefresh(AggregateSpec view) {
        Optional<Duration> retained = spec.retain();
        return "SELECT add_continuous_aggregate_policy(" + regclass(view.name()) + ", start_offset => "
                + retained.map(HypertableSql::interval).orElse("NULL") + ", end_offset => " + interval(view.bucket())
                + ", schedule_interval => " + interval(view.refresh().orElse(view.bucket())) + ")";
    }

    private String name(String relation) {
        return Identifiers.qualified(table.schema(), relation);
    }

    private String regclass(String relation) {
        return Identifiers.literal(name(relation)) + "::regclass";
    }

    private static String interval(Duration duration) {
        return "INTERVAL '" + duration.toSeconds() + " seconds'";
    }

    private static String quoted(List<String> names) {
        return names.stream().map(Identifiers::quoted).collect(Collectors.joining(", "));
    }
}

package io.sluice.source.snapshot;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A part of a table that one worker reads at once.
 *
 * @param job the table, by its place in the list
 * @param from the first page
 * @param to the page after the last; negative: up to the end, wherever that is by now
 */
record PageRange(int job, long from, long to) {

    private static final long PAGES = 8192;
    /** Before version 14 a condition on ctid reads the whole table, so it is read in one piece there. */
    private static final int READS_RANGES = 140_000;

    static List<PageRange> of(Connection connection, int serverVersion, int job, PostgresTable table)
            throws SQLException {
        List<PageRange> ranges = new ArrayList<>();
        long from = 0;
        if (serverVersion >= READS_RANGES && table.kind() == PostgresTable.Kind.TABLE) {
            for (long pages = pages(connection, table); from + PAGES < pages; from += PAGES) {
                ranges.add(new PageRange(job, from, from + PAGES));
            }
        }
        ranges.add(new PageRange(job, from, -1));
        return ranges;
    }

    private static long pages(Connection connection, PostgresTable table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT pg_catalog.pg_relation_size(?::pg_catalog.oid) / pg_catalog.current_setting('block_size')::bigint")) {
            query.setLong(1, table.oid());
            try (ResultSet result = query.executeQuery()) {
                result.next();
                return result.getLong(1);
            }
        }
    }

    String copy(PostgresTable table) {
        String columns = table.row().columns().stream()
                .map(Column::name)
                .map(Identifiers::quoted)
                .collect(Collectors.joining(", "));
        // A partitioned table has no rows of its own, and one that others inherit from is published without theirs.
        String only = table.kind() == PostgresTable.Kind.TABLE ? "ONLY " : "";
        List<String> conditions = new ArrayList<>();
        if (from > 0) {
            conditions.add("ctid >= '(" + from + ",0)'::pg_catalog.tid");
        }
        if (to >= 0) {
            conditions.add("ctid < '(" + to + ",0)'::pg_catalog.tid");
        }
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        return "COPY (SELECT " + columns + " FROM " + only + table.qualifiedName() + where + ") TO STDOUT";
    }
}

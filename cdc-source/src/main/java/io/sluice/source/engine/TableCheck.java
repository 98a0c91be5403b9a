package io.sluice.source.engine;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds what keeps one table from being captured whole. */
final class TableCheck {

    private final Connection connection;
    private final PostgresCatalog catalog;
    private final Set<TableId> unpublished;

    /** @param unpublished tables that must still be put into a publication */
    TableCheck(Connection connection, PostgresCatalog catalog, Set<TableId> unpublished) {
        this.connection = connection;
        this.catalog = catalog;
        this.unpublished = unpublished;
    }

    List<Finding> run(TableId id) throws SQLException {
        String place = "table " + id;
        Optional<PostgresTable> found = catalog.read(id.schema(), id.table());
        if (found.isEmpty()) {
            return List.of(Finding.error(
                    place, "there is no such table", "Correct the pipeline file: names are case-sensitive."));
        }
        PostgresTable table = found.get();
        if (table.kind() == PostgresTable.Kind.OTHER) {
            return List.of(Finding.error(
                    place,
                    "it is a view, or a foreign, temporary or unlogged table, whose changes are not in the log",
                    "Capture the tables behind it, or ALTER TABLE … SET LOGGED."));
        }
        List<Finding> findings = new ArrayList<>();
        table.unsupported()
                .forEach(why -> findings.add(Finding.error(place, why, "Leave the table out, or change it.")));
        checkKey(place, table, findings);
        checkLargeValues(place, table, findings);
        checkRights(place, table, unpublished.contains(id), findings);
        findings.addAll(ColumnCheck.of(connection, place, table));
        if (Sql.isTrue(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid"
                        + " WHERE i.inhparent = " + table.oid() + " AND NOT c.relispartition)")) {
            findings.add(Finding.warning(
                    place,
                    "other tables inherit from it; only its own rows are captured",
                    "Name the inheriting tables too, where their rows are wanted."));
        }
        return findings;
    }

    private void checkKey(String place, PostgresTable table, List<Finding> findings) throws SQLException {
        String name = table.qualifiedName();
        if (table.identity() == ReplicaIdentity.NOTHING) {
            findings.add(Finding.error(
                    place,
                    "its replica identity is NOTHING, so the log does not say which row changes",
                    "ALTER TABLE " + name + " REPLICA IDENTITY DEFAULT; or FULL where it has no primary key."));
        } else if (!table.row().hasKey() && hasDeferrablePrimaryKey(table)) {
            findings.add(Finding.error(
                    place,
                    "its primary key is deferrable, so the log does not use it to say which row changes",
                    "Make the constraint anew, NOT DEFERRABLE; or CREATE UNIQUE INDEX … ON " + name
                            + " and ALTER TABLE " + name + " REPLICA IDENTITY USING INDEX …."));
        } else if (!table.row().hasKey()) {
            findings.add(Finding.error(
                    place,
                    "it has no primary key, so the log does not say which row changes",
                    "Add a primary key, or ALTER TABLE " + name + " REPLICA IDENTITY USING INDEX …; or FULL."));
        } else if (table.wholeRowKey()) {
            findings.add(Finding.warning(
                    place,
                    "its rows are known by all their columns together; two equal rows can't be told apart",
                    "Add a primary key, or a unique index and ALTER TABLE " + name
                            + " REPLICA IDENTITY USING INDEX …."));
        }
    }

    private boolean hasDeferrablePrimaryKey(PostgresTable table) throws SQLException {
        return Sql.isTrue(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indrelid = " + table.oid()
                        + " AND indisprimary AND NOT indimmediate)");
    }

    /** An update leaves an untouched large value out of the log; one that changes the key too can't be told then. */
    private void checkLargeValues(String place, PostgresTable table, List<Finding> findings) throws SQLException {
        if (table.identity() == ReplicaIdentity.FULL || !table.row().hasKey()) {
            return;
        }
        boolean holdsLargeValues = Sql.isTrue(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(" + table.oid()
                        + "::pg_catalog.oid::pg_catalog.regclass) t JOIN pg_catalog.pg_class c ON c.oid = t.relid"
                        + " WHERE c.reltoastrelid <> 0 AND pg_catalog.pg_relation_size(c.reltoastrelid) > 0)"
                        + " OR (SELECT c.reltoastrelid <> 0 AND pg_catalog.pg_relation_size(c.reltoastrelid) > 0"
                        + " FROM pg_catalog.pg_class c WHERE c.oid = " + table.oid() + ")");
        if (holdsLargeValues) {
            findings.add(Finding.warning(
                    place,
                    "it holds large values, which the log leaves out of updates that don't touch them; an update that"
                            + " changes the key of such a row halts the source",
                    "Where keys are updated: ALTER TABLE " + table.qualifiedName() + " REPLICA IDENTITY FULL;"));
        }
    }

    private void checkRights(String place, PostgresTable table, boolean toBePublished, List<Finding> findings)
            throws SQLException {
        String user = Sql.user(connection);
        if (!Sql.isTrue(
                connection,
                "SELECT pg_catalog.has_schema_privilege(" + Identifiers.literal(Identifiers.quoted(table.schema()))
                        + "::pg_catalog.regnamespace, 'USAGE')")) {
            findings.add(Finding.error(
                    place,
                    "our user may not use its schema",
                    "GRANT USAGE ON SCHEMA " + Identifiers.quoted(table.schema()) + " TO " + user + ";"));
        }
        if (!Sql.isTrue(
                connection, "SELECT pg_catalog.has_table_privilege(" + table.oid() + "::pg_catalog.oid, 'SELECT')")) {
            findings.add(Finding.error(
                    place,
                    "our user may not read it",
                    "GRANT SELECT ON " + table.qualifiedName() + " TO " + user + ";"));
        }
        String owner = Sql.text(
                connection,
                "SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(relowner)) FROM pg_catalog.pg_class"
                        + " WHERE NOT pg_catalog.pg_has_role(relowner, 'USAGE') AND oid = " + table.oid());
        if (toBePublished && !owner.isEmpty()) {
            findings.add(Finding.error(
                    place,
                    "our user does not own it, and only an owner may publish a table",
                    "GRANT " + owner + " TO " + user + "; or let the owner make the publication."));
        }
        if (table.rowSecurity()) {
            findings.add(Finding.error(
                    place,
                    "row-level security hides rows from our user, so a first load would lack them",
                    "ALTER ROLE " + user + " BYPASSRLS;"));
        }
    }
}

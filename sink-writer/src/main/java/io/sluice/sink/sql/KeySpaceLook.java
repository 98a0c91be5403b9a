package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.sink.sql.KeyOwners.Of;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where the numbers that a target gives would come from, and what would be made for them; only reads. */
public final class KeySpaceLook {

    // By names and not by a text that is looked up: looking up fails where the schema may not be used.
    private static final String LACKING =
            """
            SELECT DISTINCT s.sequence, quote_ident(current_user)
            FROM sluice.key_space s
            JOIN pg_catalog.pg_class c ON c.relkind = 'S'
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND format('%I.%I', n.nspname, c.relname) = s.sequence
            WHERE s.pipeline = ? AND s.service = ?
              AND NOT (has_sequence_privilege(c.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT'))
            """;

    private final Connection connection;
    private final String pipeline;
    private final String service;

    public KeySpaceLook(Connection connection, String pipeline, String service) {
        this.connection = connection;
        this.pipeline = pipeline;
        this.service = service;
    }

    /** @param ledger whether the schema sluice is there, of this version */
    public Preflight run(ServiceSpec spec, boolean ledger) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<Creation> creations = new ArrayList<>();
        Set<Of> told = new HashSet<>();
        for (Map.Entry<Of, Of> each : new KeyOwners(spec.tables()).all().entrySet()) {
            Of owner = each.getValue();
            if (ledger && holdsOthers(each.getKey(), owner)) {
                findings.add(KeySpaces.numberedOtherwise(each.getKey(), owner));
            } else if (told.add(owner) && !(ledger && isKnown(owner)) && !isMadeHere(spec, owner) && !hasOwn(owner)) {
                creations.add(Creation.told(
                        Creation.Kind.SEQUENCE,
                        "",
                        "a sequence in schema sluice",
                        "for the numbers of " + owner.table() + "." + owner.column()));
            }
        }
        if (ledger) {
            findings.addAll(lacking());
        }
        return new Preflight(findings, creations);
    }

    /** Sequences that our own user may not take from, or not look at. */
    private List<Finding> lacking() throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(LACKING)) {
            query.setString(1, pipeline);
            query.setString(2, service);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    findings.add(Finding.error(
                            "sequence " + found.getString(1),
                            "our user lacks USAGE, SELECT on it, and takes numbers from it",
                            "Run: GRANT USAGE, SELECT ON SEQUENCE " + found.getString(1) + " TO "
                                    + found.getString(2)));
                }
            }
        }
        return findings;
    }

    /** A table of ours gets its numbers from an identity of its own. */
    private boolean isMadeHere(ServiceSpec spec, Of owner) throws SQLException {
        return spec.table(owner.table()).isPresent() && TargetTables.isMissing(connection, owner.table());
    }

    private boolean hasOwn(Of owner) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT pg_get_serial_sequence(?, ?) IS NOT NULL")) {
            query.setString(
                    1,
                    Identifiers.qualified(owner.table().schema(), owner.table().table()));
            query.setString(2, owner.column());
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        }
    }

    private boolean isKnown(Of owner) throws SQLException {
        return space("key_space", owner).isPresent();
    }

    private boolean holdsOthers(Of column, Of owner) throws SQLException {
        Optional<Integer> now = space("key_column", column);
        return now.isPresent() && !now.equals(space("key_space", owner)) && hasNumbers(now.get());
    }

    private boolean hasNumbers(int space) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT EXISTS (SELECT FROM sluice.key_map WHERE space = ?)")) {
            query.setInt(1, space);
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getBoolean(1);
            }
        }
    }

    private Optional<Integer> space(String table, Of column) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT space FROM sluice." + table
                        + " WHERE pipeline = ? AND service = ? AND target_schema = ? AND target_table = ? AND target_column = ?")) {
            query.setString(1, pipeline);
            query.setString(2, service);
            query.setString(3, column.table().schema());
            query.setString(4, column.table().table());
            query.setString(5, column.column());
            try (ResultSet found = query.executeQuery()) {
                return found.next() ? Optional.of(found.getInt(1)) : Optional.empty();
            }
        }
    }
}

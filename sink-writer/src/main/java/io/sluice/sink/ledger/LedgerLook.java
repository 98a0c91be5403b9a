package io.sluice.sink.ledger;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.platform.preflight.Creation;
import io.sluice.platform.preflight.Finding;
import io.sluice.platform.preflight.Preflight;
import io.sluice.sink.sql.CreationRights;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What would be made of the schema {@code sluice}; only reads.
 *
 * @param usable whether it is there, of this version, and our user may read it
 */
public record LedgerLook(Preflight preflight, boolean usable) {

    private static final Pattern TABLE = Pattern.compile("CREATE TABLE (?:IF NOT EXISTS )?sluice\\.(\\w+)");

    public static LedgerLook of(Connection connection) throws SQLException {
        if (!isTrue(connection, "to_regnamespace('sluice') IS NOT NULL")) {
            return toMake(connection, 0);
        }
        if (!isTrue(connection, "has_schema_privilege('sluice', 'USAGE')")
                || !isTrue(
                        connection,
                        "coalesce((SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_catalog.pg_class c"
                                + " WHERE c.relnamespace = 'sluice'::regnamespace AND c.relname = 'version'), true)")) {
            return new LedgerLook(Preflight.found(lacking(connection)), false);
        }
        int version;
        try (Statement statement = connection.createStatement()) {
            version = LedgerSchema.version(statement);
            LedgerSchema.refuseNewer(version);
        } catch (HaltException e) {
            return new LedgerLook(Preflight.found(List.of(Finding.of("schema sluice", e))), false);
        }
        if (version < LedgerSchema.steps().size()) {
            return toMake(connection, version);
        }
        return new LedgerLook(Preflight.found(lacking(connection)), true);
    }

    private static LedgerLook toMake(Connection connection, int version) throws SQLException {
        List<String> statements = new ArrayList<>(version == 0 ? LedgerSchema.BEGINNING : List.of());
        statements.addAll(
                LedgerSchema.steps().subList(version, LedgerSchema.steps().size()));
        String tables = statements.stream()
                .flatMap(sql -> TABLE.matcher(sql).results())
                .map(found -> found.group(1))
                .collect(Collectors.joining(", "));
        Creation made = new Creation(
                Creation.Kind.LEDGER, "", "schema sluice", "what was applied, with the tables " + tables, statements);
        List<Finding> findings = CreationRights.lacking(connection, "sluice");
        return new LedgerLook(new Preflight(findings, findings.isEmpty() ? List.of(made) : List.of()), false);
    }

    /** What our own user lacks on it. */
    private static List<Finding> lacking(Connection connection) throws SQLException {
        String user = text(connection, "current_user");
        List<Finding> findings = new ArrayList<>();
        for (String right : LedgerSchema.lacking(connection, user)) {
            findings.add(Finding.error(
                    "schema sluice",
                    "our user lacks " + right,
                    "Run as its owner: GRANT " + right + " TO " + Identifiers.quoted(user)));
        }
        return findings;
    }

    private static boolean isTrue(Connection connection, String condition) throws SQLException {
        return text(connection, condition).equals("t");
    }

    private static String text(Connection connection, String expression) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT " + expression)) {
            found.next();
            return String.valueOf(found.getString(1));
        }
    }
}

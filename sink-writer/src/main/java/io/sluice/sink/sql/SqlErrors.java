package io.sluice.sink.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What each error of the target calls for, decided by its SQLSTATE and nothing else. */
public final class SqlErrors {

    static final String FOREIGN_KEY = "23503";
    static final String UNIQUE = "23505";

    private SqlErrors() {}

    /** The standard's code for what a trigger did, which PostgreSQL itself does not use here. */
    static final String VETOED = "09000";

    /** Our own word, in the same class, for a row that only a person may have overwritten. */
    static final String CONFLICT = "09C01";

    /** What to do about it. */
    public enum Reaction {
        /** The server, or our way to it, is at fault: the same batch may succeed later. */
        RETRY,
        /** Perhaps only the order is wrong: the row that this one needs, or that is in its way, is still to change. */
        ORDER,
        /** A row does not fit. */
        DATA,
        /** The tables or our rights are not what they were: look again, then a person must act. */
        SCHEMA
    }

    public static Reaction reaction(SQLException error) {
        String state = error.getSQLState();
        if (state == null || state.length() != 5) {
            // Only a driver that lost its server has nothing to say.
            return Reaction.RETRY;
        }
        return switch (state) {
            case FOREIGN_KEY, UNIQUE, "23P01" -> Reaction.ORDER;
            // The pooler gave us another session than the one that has our statement; the object or its lock is in use.
            case "26000", "42P05", "55006", "55P03" -> Reaction.RETRY;
            default ->
                switch (state.substring(0, 2)) {
                    // Connection, state of the transaction (a primary that is now a standby), rollback, resources,
                    // intervention, system.
                    case "08", "25", "40", "53", "57", "58" -> Reaction.RETRY;
                    // Cardinality, data, constraint, limit (a row too large for its page), check option, a trigger's
                    // own words, and what it left undone without a word, or a person is to decide.
                    case "09", "21", "22", "23", "44", "54", "P0" -> Reaction.DATA;
                    default -> Reaction.SCHEMA;
                };
        };
    }

    /** Which constraint, column or type is meant, with the SQLSTATE. Never the server's message: it quotes values. */
    public static String describe(SQLException error) {
        List<String> parts = new ArrayList<>();
        parts.add("SQLSTATE " + error.getSQLState());
        ServerErrorMessage server = error instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
        if (server != null) {
            add(parts, "table", server.getTable());
            add(parts, "column", server.getColumn());
            add(parts, "constraint", server.getConstraint());
            add(parts, "type", server.getDatatype());
        }
        if (error instanceof ForeseenException foreseen) {
            add(parts, "table", foreseen.table());
            add(parts, "constraint", foreseen.constraint());
        }
        return String.join(", ", parts);
    }

    /** Whether a row has what another one has, and may have it alone. */
    public static boolean isCollision(SQLException error) {
        return UNIQUE.equals(error.getSQLState()) || "23P01".equals(error.getSQLState());
    }

    /**
     * A constraint, or an index, that was in the way.
     *
     * @param schema of its table
     */
    record Broken(String schema, String name) {}

    /** What was in the way, as the server names it; null if it does not. */
    static @Nullable Broken broken(SQLException error) {
        if (error instanceof ForeseenException foreseen) {
            return new Broken(foreseen.schema(), foreseen.constraint());
        }
        ServerErrorMessage server = error instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
        String name = server == null ? null : server.getConstraint();
        String schema = server == null ? null : server.getSchema();
        return name == null || schema == null ? null : new Broken(schema, name);
    }

    private static void add(List<String> parts, String what, @Nullable String name) {
        if (name != null && !name.isEmpty()) {
            parts.add(what + " " + name);
        }
    }
}

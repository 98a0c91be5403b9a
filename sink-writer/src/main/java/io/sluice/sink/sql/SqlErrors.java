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

    private SqlErrors() {}

    /** The standard's code for what a trigger did, which PostgreSQL itself does not use here. */
    static final String VETOED = "09000";

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
            case FOREIGN_KEY, "23505", "23P01" -> Reaction.ORDER;
            // The pooler gave us another session than the one that has our statement; the object or its lock is in use.
            case "26000", "42P05", "55006", "55P03" -> Reaction.RETRY;
            default ->
                switch (state.substring(0, 2)) {
                    // Connection, state of the transaction (a primary that is now a standby), rollback, resources,
                    // intervention, system.
                    case "08", "25", "40", "53", "57", "58" -> Reaction.RETRY;
                    // Cardinality, data, constraint, limit (a row too large for its page), check option, a trigger's
                    // own words, and what it left undone without a word.
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
        if (error instanceof MissingParentException missing) {
            add(parts, "table", missing.table());
            add(parts, "constraint", missing.constraint());
        }
        return String.join(", ", parts);
    }

    /** Whether a row has what another one has, and may have it alone. */
    public static boolean isCollision(SQLException error) {
        return "23505".equals(error.getSQLState()) || "23P01".equals(error.getSQLState());
    }

    /** The foreign key that was broken, as the server names it; null if it was none. */
    static @Nullable String brokenForeignKey(SQLException error) {
        ServerErrorMessage server = error instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
        return server == null || !FOREIGN_KEY.equals(error.getSQLState()) ? null : server.getConstraint();
    }

    private static void add(List<String> parts, String what, @Nullable String name) {
        if (name != null && !name.isEmpty()) {
            parts.add(what + " " + name);
        }
    }
}

package io.sluice.platform.postgres;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a server can't be used, in plain words. The driver's own are left out: some of them hold values of rows. */
record ConnectionTrouble(String code, String problem, String remedy) {

    private static final String AWAY = "DATABASE_UNAVAILABLE";
    private static final String REFUSES = "DATABASE_REFUSES";
    private static final String TLS = "DATABASE_TLS";

    /**
     * @param user who wanted to log in; null where nobody was named
     * @param database the one that was asked for
     */
    static ConnectionTrouble of(SQLException failure, @Nullable String user, String database) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        String who = user == null ? "nobody (no user is given)" : "user " + user;
        return switch (state) {
            case "28P01" ->
                new ConnectionTrouble(
                        REFUSES,
                        "the server does not take " + who + " with this password",
                        "Correct user or password.");
            case "28000" ->
                new ConnectionTrouble(
                        REFUSES,
                        "the server does not let " + who + " in from here, or not in this way",
                        "See the server's log: pg_hba.conf may lack a line for us, ask for encryption or for a client"
                                + " certificate, or the user may not exist or not log in.");
            case "3D000" ->
                new ConnectionTrouble(
                        REFUSES,
                        "the server has no database " + database,
                        "Correct the URL: names are case-sensitive.");
            case "42501" ->
                new ConnectionTrouble(
                        REFUSES,
                        who + " lacks a right",
                        "Run the check of the pipeline: it names the right and the SQL.");
            case "53300" ->
                new ConnectionTrouble(
                        AWAY,
                        "every connection of the server is taken",
                        "Raise max_connections, or end what is not needed.");
            case "53100" -> new ConnectionTrouble(AWAY, "the server's disk is full", "Make room on it.");
            case "57P01", "57P02", "57P03" ->
                new ConnectionTrouble(
                        AWAY, "the server is stopping, starting or recovering", "Nothing, if that is meant to be.");
            case "08004" ->
                new ConnectionTrouble(
                        REFUSES,
                        "the server asks for a password or a way to log in that we don't have, or offers no encryption",
                        "Give a password; where TLS is asked for, see that the server has ssl = on.");
            default -> byCause(failure, state);
        };
    }

    private static ConnectionTrouble byCause(SQLException failure, String state) {
        boolean tls = false;
        for (Throwable each = failure.getCause(); each != null; each = each.getCause()) {
            if (each instanceof UnknownHostException) {
                return new ConnectionTrouble(
                        AWAY, "the host's name is not known here", "Correct the URL, or the name service.");
            } else if (each instanceof ConnectException) {
                return new ConnectionTrouble(
                        AWAY, "nobody listens at this address", "Start the server, or correct host and port.");
            } else if (each instanceof SocketTimeoutException) {
                return silent();
            } else if (each instanceof CertificateException) {
                return new ConnectionTrouble(
                        TLS,
                        "the server's certificate does not come from an authority that we trust",
                        "Give the authority's certificate as `tls: {ca: …}`, or give the server a right one.");
            }
            tls |= each instanceof SSLException;
        }
        if (tls) {
            return new ConnectionTrouble(
                    TLS,
                    "no encrypted connection comes about",
                    "See the server's log: it may ask for a client certificate (`tls: {cert: …, key: …}`), or not take ours.");
        }
        if (failure.getCause() == null && state.equals("08001")) {
            return silent();
        }
        if (failure.getCause() == null && state.equals("08006")) {
            return new ConnectionTrouble(
                    TLS,
                    "the connection was given up, for the line was lost or the server's certificate is not for this host",
                    "Where TLS is in use, reach the server by a name that its certificate has, or say `tls: {mode: verify-ca}`.");
        }
        boolean broken = failure.getCause() instanceof IOException;
        return new ConnectionTrouble(
                AWAY,
                (broken ? "the connection was lost" : "the database can't be used") + sqlState(state),
                "Check that the server runs and can be reached.");
    }

    private static ConnectionTrouble silent() {
        return new ConnectionTrouble(
                AWAY,
                "the server does not answer in time",
                "Check that it runs, and that no firewall swallows what we send.");
    }

    private static String sqlState(String state) {
        return state.isEmpty() ? "" : " (SQLSTATE " + state + ")";
    }
}

package io.sluice.platform.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What a server says of itself.
 *
 * @param version as {@code server_version_num} has it, 170011 say
 * @param systemId tells this cluster from every other, restored copies of the same backup apart
 * @param timeline counts its fail-overs and restores
 */
public record PostgresServer(int version, String systemId, int timeline) {

    /** The first version whose log we can read. */
    public static final int LEAST_VERSION = 130_000;
    /** The first one that nothing here was tried with. */
    public static final int UNTRIED_VERSION = 190_000;

    /** @param replication a replication session: only there does a server name itself to everyone */
    public static PostgresServer read(Connection replication) throws SQLException {
        try (Statement statement = replication.createStatement()) {
            int version;
            try (ResultSet result = statement.executeQuery("SHOW server_version_num")) {
                result.next();
                version = Integer.parseInt(result.getString(1));
            }
            try (ResultSet result = statement.executeQuery("IDENTIFY_SYSTEM")) {
                result.next();
                return new PostgresServer(version, result.getString("systemid"), result.getInt("timeline"));
            }
        }
    }

    /** {@code 17.11}, for messages. */
    public String versionText() {
        return version / 10_000 + "." + version % 10_000;
    }
}

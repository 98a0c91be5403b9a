package io.sluice.app.demo;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The demo's databases: the monolith, and an empty one for each service. */
final class DemoDatabases {

    static final String MONOLITH = "monolith";

    private final URI server;

    /** @param url of any database of the server, with a user who may create others */
    DemoDatabases(String url) {
        this.server = URI.create(url);
    }

    List<String> names() {
        List<String> names = new ArrayList<>();
        names.add(MONOLITH);
        Monolith.OWNERS.keySet().forEach(service -> names.add(Monolith.databaseOf(service)));
        return names;
    }

    void create(long rows) throws SQLException {
        try (Connection connection = open("postgres");
                Statement statement = connection.createStatement()) {
            for (String name : names()) {
                statement.execute("CREATE DATABASE " + name);
            }
        }
        try (Connection connection = open(MONOLITH)) {
            Monolith.create(connection, rows);
        }
    }

    /** With user and password. */
    String url(String database) {
        return "postgresql://" + server.getRawUserInfo() + "@"
                + server.getRawAuthority().replaceFirst("^.*@", "") + "/" + database;
    }

    Connection open(String database) throws SQLException {
        String[] user = server.getUserInfo().split(":", 2);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + server.getHost() + ":" + server.getPort() + "/" + database,
                user[0],
                user.length == 2 ? user[1] : "");
    }
}

package io.sluice.source.engine;

import io.sluice.localstack.testing.KafkaServer;
import java.sql.SQLException;

/** A user of the source who may do what a test grants and no more. */
record Role(Capture capture, String name, String password) implements AutoCloseable {

    static Role create(Capture capture, String attributes) throws SQLException {
        // Roles belong to the whole server, which other tests use too.
        String name = KafkaServer.shared().uniqueName("role");
        String password = "pass-" + name;
        Role role = new Role(capture, name, password);
        capture.execute("CREATE ROLE " + role.quoted() + " " + attributes + " PASSWORD '" + password + "'");
        return role;
    }

    String quoted() {
        return "\"" + name + "\"";
    }

    String url() {
        return url("");
    }

    String url(String options) {
        return "postgresql://" + name + ":" + password + "@" + capture.database.host() + ":" + capture.database.port()
                + "/" + capture.database.name() + options;
    }

    @Override
    public void close() throws SQLException {
        capture.execute("DROP OWNED BY " + quoted() + " CASCADE", "DROP ROLE " + quoted());
    }
}

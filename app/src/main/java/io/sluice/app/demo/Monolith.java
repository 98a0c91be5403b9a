package io.sluice.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of the monolith, who is to own each, and what they hold at first. */
final class Monolith {

    /** Tables by their new owner. */
    static final Map<String, List<String>> OWNERS = owners();

    private Monolith() {}

    private static Map<String, List<String>> owners() {
        Map<String, List<String>> owners = new LinkedHashMap<>();
        owners.put("api-gateway", List.of("users"));
        owners.put("orchestrator", List.of("strategies", "agent_status"));
        owners.put("trading-engine", List.of("trades", "positions"));
        owners.put("ai-decision", List.of("ai_decisions", "ai_decision_features", "ai_calibration_log"));
        owners.put("analytics", List.of("ai_trade_outcomes"));
        return java.util.Collections.unmodifiableMap(owners);
    }

    /** The name of a service's database. */
    static String databaseOf(String service) {
        return service.replace('-', '_');
    }

    /** Creates the tables and fills them with about so many rows in all. */
    static void create(Connection connection, long rows) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(resource("monolith.sql"));
            statement.execute(resource("seed.sql").replace("{rows}", Long.toString(rows)));
        }
    }

    private static String resource(String name) {
        try (InputStream in = Monolith.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

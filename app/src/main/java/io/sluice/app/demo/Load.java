package io.sluice.app.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps changing the monolith, one transaction after another, as its users would. Runs on one thread; the counts may be read
 * from any.
 */
final class Load {

    private static final List<String> SYMBOLS = List.of("BTCUSD", "ETHUSD", "BNBUSD", "SOLUSD", "XRPUSD", "EURUSD");
    private static final List<String> MODELS = List.of("momentum-v3", "mean-reversion-v1", "ensemble");

    private final Connection connection;
    private final Random random;
    private final AtomicLong changes = new AtomicLong();

    /** The connection is this load's alone from now on; it commits by itself. */
    Load(Connection connection, long seed) throws SQLException {
        connection.setAutoCommit(false);
        this.connection = connection;
        this.random = new Random(seed);
    }

    /** Rows inserted, updated and deleted so far. */
    long changes() {
        return changes.get();
    }

    /** One transaction of some kind. */
    void transaction() throws SQLException {
        int changed =
                switch (random.nextInt(10)) {
                    case 0 -> newUser();
                    case 1, 2, 3 -> openTrade();
                    case 4, 5 -> heartbeat();
                    case 6 -> closeTrade();
                    case 7, 8 -> decide();
                    default -> tidyUp();
                };
        connection.commit();
        changes.addAndGet(changed);
    }

    private int newUser() throws SQLException {
        return run(
                        "INSERT INTO users (username, email, full_name) VALUES (?, ?, NULL)",
                        "trader" + random.nextInt(Integer.MAX_VALUE),
                        "new@example.org")
                + run(
                        "UPDATE users SET is_active = NOT is_active, settings = settings || '{\"touched\": true}' WHERE id = ?",
                        (long) random.nextInt(2_000));
    }

    private int openTrade() throws SQLException {
        long user = 1L + random.nextInt(2_000);
        String symbol = any(SYMBOLS);
        return run(
                        "INSERT INTO trades (user_id, symbol, side, quantity, price, fee, status) "
                                + "VALUES (?, ?, ?, (random() * 10)::numeric(18,8), (random() * 60000)::numeric(18,6), random()::numeric, 'open')",
                        user,
                        symbol,
                        random.nextBoolean() ? "buy" : "sell")
                + run(
                        "INSERT INTO positions (user_id, symbol, quantity, average_price, unrealized_pnl) VALUES (?, ?, 1, 100, 0) "
                                + "ON CONFLICT (user_id, symbol) DO UPDATE SET quantity = positions.quantity + 1, last_synced_at = clock_timestamp()",
                        user,
                        symbol);
    }

    private int heartbeat() throws SQLException {
        return run(
                "UPDATE agent_status SET heartbeat_at = clock_timestamp(), cpu_percent = (random() * 100)::real, state = 'running' "
                        + "WHERE agent = ?",
                "agent-" + (1 + random.nextInt(1_000)));
    }

    private int closeTrade() throws SQLException {
        long trade = 1L + random.nextInt(20_000);
        return run("UPDATE trades SET status = 'closed', updated_at = clock_timestamp() WHERE id = ?", trade)
                + run(
                        "INSERT INTO ai_trade_outcomes (trade_id, pnl, holding, won) "
                                + "SELECT ?, (random() * 100)::numeric(18,6), interval '1 hour', true ON CONFLICT (trade_id) "
                                + "DO UPDATE SET pnl = EXCLUDED.pnl, closed_at = clock_timestamp()",
                        trade)
                + run(
                        "DELETE FROM positions WHERE user_id = ? AND symbol = ?",
                        (long) random.nextInt(2_000),
                        any(SYMBOLS));
    }

    private int decide() throws SQLException {
        return run(
                        "WITH decision AS (INSERT INTO ai_decisions (model, symbol, action, confidence, reasoning) "
                                + "VALUES (?, ?, 'hold', random(), repeat('seen before, ', 40)) RETURNING id) "
                                + "INSERT INTO ai_decision_features (decision_id, feature, value, observed_at) "
                                + "SELECT id, feature, random(), localtimestamp FROM decision, unnest(ARRAY['rsi','macd','depth']) feature",
                        any(MODELS),
                        any(SYMBOLS))
                + 1;
    }

    private int tidyUp() throws SQLException {
        return run("DELETE FROM ai_decision_features WHERE decision_id = ?", (long) random.nextInt(5_000))
                + run(
                        "INSERT INTO ai_calibration_log (model, predicted, observed, sample_count, day, taken_at) "
                                + "VALUES (?, random()::numeric(5,4), random()::numeric(5,4), 7, current_date, localtime)",
                        any(MODELS))
                + run(
                        "UPDATE strategies SET is_live = NOT is_live, updated_at = clock_timestamp() WHERE name = ?",
                        "strategy " + random.nextInt(1_000));
    }

    private int run(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        }
    }

    private String any(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}

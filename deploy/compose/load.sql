-- One transaction of the load: a trade with what follows from it, and now and then a user who goes.
\set user random(1, 2500)
\set trade random(1, 15000)
\set fate random(1, 100)
BEGIN;
INSERT INTO trades (user_id, symbol, side, quantity, price, status) VALUES (:user, 'BTCUSD', 'buy', random() * 10, random() * 60000, 'open');
UPDATE trades SET status = 'closed', updated_at = now() WHERE id = :trade;
UPDATE positions SET unrealized_pnl = (random() - 0.5) * 1000, last_synced_at = now() WHERE user_id = :user AND symbol = 'BTCUSD';
DELETE FROM ai_trade_outcomes WHERE trade_id = :trade AND :fate = 1;
UPDATE agent_status SET state = 'running', heartbeat_at = now() WHERE agent = 'agent-' || :fate;
COMMIT;

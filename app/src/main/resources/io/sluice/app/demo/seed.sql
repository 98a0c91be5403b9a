-- Fills the monolith; {rows} is replaced by the number of rows asked for, and each table takes its share of them.
INSERT INTO users (username, email, full_name, is_active, settings, created_at)
SELECT 'trader' || g, 'trader' || g || '@example.org',
       (ARRAY['Ada','Linus','Grace','Edsger','Barbara','Ken'])[1 + g % 6] || ' ' || (ARRAY['Müller','O''Neil','Nguyễn','Silva','Kowalski'])[1 + g % 5],
       g % 20 <> 0,
       jsonb_build_object('theme', (ARRAY['dark','light'])[1 + g % 2], 'alerts', g % 3 = 0, 'limit', g % 1000),
       now() - make_interval(mins => g)
FROM generate_series(1, greatest(1, {rows} * 5 / 100)) g;

INSERT INTO strategies (user_id, name, parameters, symbols, is_live, updated_at)
SELECT 1 + g % greatest(1, {rows} * 5 / 100), 'strategy ' || g,
       jsonb_build_object('window', 5 + g % 60, 'threshold', round(random()::numeric, 4), 'nested', jsonb_build_object('a', jsonb_build_array(1, g, null))),
       ARRAY['BTCUSD', (ARRAY['ETHUSD','SOLUSD','EURUSD'])[1 + g % 3]], g % 2 = 0, now() - make_interval(secs => g)
FROM generate_series(1, greatest(1, {rows} * 3 / 100)) g;

INSERT INTO agent_status (agent, strategy_id, state, cpu_percent, last_error, heartbeat_at)
SELECT 'agent-' || g, gen_random_uuid(), (ARRAY['idle','running','stopped'])[1 + g % 3], (random() * 100)::real,
       CASE WHEN g % 10 = 0 THEN E'timeout\tafter 30 s\nretried "twice" \\ gave up' END, now()
FROM generate_series(1, greatest(1, {rows} * 2 / 100)) g;

INSERT INTO trades (user_id, symbol, side, quantity, price, fee, status, executed_at, updated_at)
SELECT 1 + g % greatest(1, {rows} * 5 / 100), (ARRAY['BTCUSD','ETHUSD','BNBUSD','SOLUSD','XRPUSD','EURUSD'])[1 + g % 6],
       (ARRAY['buy','sell'])[1 + g % 2], (random() * 10)::numeric(18,8), (random() * 60000)::numeric(18,6),
       CASE WHEN g % 7 <> 0 THEN round((random() * 5)::numeric, g % 9) END,
       (ARRAY['open','filled','closed'])[1 + g % 3], now() - make_interval(secs => g), now() - make_interval(secs => g / 2)
FROM generate_series(1, greatest(1, {rows} * 30 / 100)) g;

INSERT INTO positions (user_id, symbol, quantity, average_price, unrealized_pnl, last_synced_at)
SELECT 1 + g / 6, (ARRAY['BTCUSD','ETHUSD','BNBUSD','SOLUSD','XRPUSD','EURUSD'])[1 + g % 6],
       (random() * 10)::numeric(18,8), (random() * 60000)::numeric(18,6), ((random() - 0.5) * 1000)::numeric(18,6), now()
FROM generate_series(1, greatest(1, {rows} * 10 / 100)) g;

INSERT INTO ai_decisions (model, symbol, action, confidence, reasoning, embedding, created_at)
SELECT (ARRAY['momentum-v3','mean-reversion-v1','ensemble'])[1 + g % 3], (ARRAY['BTCUSD','ETHUSD','SOLUSD'])[1 + g % 3],
       (ARRAY['buy','hold','sell'])[1 + g % 3], random(), repeat('because of volume and trend, ', 1 + g % 8) || g,
       CASE WHEN g % 4 = 0 THEN decode(md5(g::text), 'hex') END, now() - make_interval(secs => g)
FROM generate_series(1, greatest(1, {rows} * 15 / 100)) g;

INSERT INTO ai_decision_features (decision_id, feature, value, observed_at)
SELECT 1 + g / 5, (ARRAY['rsi','macd','volume','spread','sentiment'])[1 + g % 5], random() * 200 - 100, localtimestamp - make_interval(secs => g)
FROM generate_series(1, greatest(1, {rows} * 25 / 100)) g;

INSERT INTO ai_calibration_log (model, predicted, observed, sample_count, day, taken_at)
SELECT (ARRAY['momentum-v3','mean-reversion-v1','ensemble'])[1 + g % 3], random()::numeric(5,4), random()::numeric(5,4), g % 500,
       current_date - g % 400, localtime
FROM generate_series(1, greatest(1, {rows} * 5 / 100)) g;

INSERT INTO ai_trade_outcomes (trade_id, decision_id, pnl, holding, won, closed_at)
SELECT g, g % 97, ((random() - 0.4) * 100)::numeric(18,6), make_interval(hours => g % 72, mins => g % 60), g % 3 = 0, now()
FROM generate_series(1, greatest(1, {rows} * 5 / 100)) g;

ANALYZE;

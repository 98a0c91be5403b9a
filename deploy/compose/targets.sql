-- One database for each service; POSTGRES_DB is the first.
CREATE DATABASE orchestrator;
CREATE DATABASE trading_engine;
CREATE DATABASE analytics;
CREATE DATABASE accounts;

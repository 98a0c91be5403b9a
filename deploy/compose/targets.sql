-- One database for each service, of which POSTGRES_DB is the first, and one for what operators ask.
CREATE DATABASE orchestrator;
CREATE DATABASE trading_engine;
CREATE DATABASE analytics;
CREATE DATABASE accounts;
CREATE DATABASE control;

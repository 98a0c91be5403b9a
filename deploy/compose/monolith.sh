#!/bin/sh
# Fills the monolith with the tables and rows of `sluice demo`.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f /demo/monolith.sql
# Its key in the target holds a column that is not in its key here, so that the log must carry whole rows.
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c 'ALTER TABLE ai_decision_features REPLICA IDENTITY FULL'
sed "s/{rows}/${ROWS:-50000}/g" /demo/seed.sql | psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB"

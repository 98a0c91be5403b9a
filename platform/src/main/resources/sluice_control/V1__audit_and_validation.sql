CREATE TABLE sluice_control.audit_log (
    number   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pipeline text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    who      text        NOT NULL,
    action   text        NOT NULL,
    subject  text        NOT NULL,
    why      text        NOT NULL,
    outcome  text        NOT NULL DEFAULT 'asked' CHECK (outcome IN ('asked', 'done', 'failed'))
);
CREATE INDEX ON sluice_control.audit_log (pipeline, number DESC);
COMMENT ON TABLE sluice_control.audit_log IS 'Who had what done to a pipeline, when and why. Entries are added, never removed.';
COMMENT ON COLUMN sluice_control.audit_log.outcome IS
    'An entry is written before the action: asked means that nobody said how it ended.';

CREATE TABLE sluice_control.validation_results (
    number       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pipeline     text        NOT NULL,
    service      text        NOT NULL,
    target_table text        NOT NULL,
    finished_at  timestamptz NOT NULL,
    verdict      text        NOT NULL,
    level        text        NOT NULL,
    position     text        NOT NULL,
    compared     bigint      NOT NULL,
    different    bigint      NOT NULL,
    report       jsonb       NOT NULL
);
CREATE INDEX ON sluice_control.validation_results (pipeline, service, target_table, finished_at DESC);
COMMENT ON TABLE sluice_control.validation_results IS 'What each comparison of a target table with its sources found.';
COMMENT ON COLUMN sluice_control.validation_results.report IS 'As `sluice reconcile --json` prints it, without keys and values of rows.';

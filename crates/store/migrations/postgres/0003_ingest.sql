-- Webhooks: durable before they are acknowledged, split into updates, applied in batches.

CREATE TABLE webhook_bodies (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app_id uuid NOT NULL,
    received_at BIGINT NOT NULL,
    -- Before the bytes, which are not read to know it.
    split_at BIGINT,
    body bytea NOT NULL
);
CREATE INDEX webhook_bodies_unsplit ON webhook_bodies (seq) WHERE split_at IS NULL;

-- state: pending (to be applied), parked (a status whose message we do not know yet), kept (for a person to see).
CREATE TABLE updates (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body_seq BIGINT NOT NULL,
    app_id uuid NOT NULL,
    lane BIGINT NOT NULL,
    kind TEXT NOT NULL,
    waba_id TEXT,
    phone_number_id TEXT,
    raw TEXT NOT NULL,
    state TEXT NOT NULL,
    org_id uuid,
    park_key bytea,
    reason TEXT,
    attempts BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX updates_pending ON updates (lane, seq) WHERE state = 'pending';
CREATE INDEX updates_parked ON updates (park_key) WHERE state = 'parked';
CREATE INDEX updates_kept ON updates (seq) WHERE state = 'kept';

-- What was seen in the last days: Meta repeats deliveries for up to seven.
CREATE TABLE update_keys (
    key bytea PRIMARY KEY,
    day BIGINT NOT NULL
);

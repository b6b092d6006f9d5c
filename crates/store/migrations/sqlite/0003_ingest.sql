-- Webhooks: durable before they are acknowledged, split into updates, applied in batches.

-- Those that came with a copy of another database. What comes in is in a file of its own, with the same columns but one.
CREATE TABLE webhook_bodies (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    -- Before the bytes, which are not read to know it.
    split_at INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX webhook_bodies_unsplit ON webhook_bodies (seq) WHERE split_at IS NULL;

-- One row: up to which number what came in is split.
CREATE TABLE spooled (
    upto INTEGER NOT NULL
) STRICT;
INSERT INTO spooled (upto) VALUES (0);

-- state: pending (to be applied), parked (a status whose message we do not know yet), kept (for a person to see).
CREATE TABLE updates (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    body_seq INTEGER NOT NULL,
    app_id BLOB NOT NULL,
    lane INTEGER NOT NULL,
    kind TEXT NOT NULL,
    waba_id TEXT,
    phone_number_id TEXT,
    raw TEXT NOT NULL,
    state TEXT NOT NULL,
    org_id BLOB,
    park_key BLOB,
    reason TEXT,
    attempts INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX updates_pending ON updates (lane, seq) WHERE state = 'pending';
CREATE INDEX updates_parked ON updates (park_key) WHERE state = 'parked';
CREATE INDEX updates_kept ON updates (seq) WHERE state = 'kept';

-- What was seen in the last days: Meta repeats deliveries for up to seven.
CREATE TABLE update_keys (
    key BLOB PRIMARY KEY,
    day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

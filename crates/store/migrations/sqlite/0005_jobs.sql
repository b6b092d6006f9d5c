-- Work to be done, leased; who does it; what happened, to be told; what was asked before.

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    lane TEXT NOT NULL,
    serial_key TEXT,
    org_id BLOB,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    state TEXT NOT NULL,
    lease_id BLOB,
    lease_until INTEGER,
    unique_key TEXT,
    last_error TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_due ON jobs (queue, lane, priority, id) WHERE state <> 'dead';
CREATE INDEX jobs_serial ON jobs (queue, serial_key, id) WHERE serial_key IS NOT NULL AND state <> 'dead';
CREATE UNIQUE INDEX jobs_unique ON jobs (queue, unique_key) WHERE unique_key IS NOT NULL AND state = 'ready';

-- Lanes that hold work, in the order of their turn, so that no lane waits behind another's backlog.
CREATE TABLE job_lanes (
    queue TEXT NOT NULL,
    lane TEXT NOT NULL,
    turn INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    -- Nothing in it is taken before.
    rests_until INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, lane)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_lanes_turn ON job_lanes (queue, turn, due_at);

-- The processes that do it, as each told of itself last.
CREATE TABLE nodes (
    name TEXT PRIMARY KEY,
    id BLOB NOT NULL,
    version TEXT NOT NULL,
    -- The newest migration that the program knows.
    schema INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    leaving INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    org_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Of no interest from then on; NULL: for as long as events are kept.
    passes_at INTEGER,
    -- One writer: the sequence is the order of commits, and transactions need no number.
    txid INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX events_by_org ON events (org_id, txid, seq);
CREATE INDEX events_passing ON events (passes_at) WHERE passes_at IS NOT NULL;

CREATE TABLE idempotency (
    org_id BLOB NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER,
    response TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, key)
) STRICT;

CREATE TABLE audit (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    details TEXT NOT NULL,
    address TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
-- What was done with one thing, such as a conversation.
CREATE INDEX audit_by_target ON audit (org_id, target, id);

-- Work to be done, leased; who does it; what happened, to be told; what was asked before.

CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue TEXT NOT NULL,
    lane TEXT NOT NULL,
    serial_key TEXT,
    org_id uuid,
    payload TEXT NOT NULL,
    priority BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    state TEXT NOT NULL,
    lease_id uuid,
    lease_until BIGINT,
    unique_key TEXT,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (queue, lane, priority, id) WHERE state <> 'dead';
CREATE INDEX jobs_serial ON jobs (queue, serial_key, id) WHERE serial_key IS NOT NULL AND state <> 'dead';
CREATE UNIQUE INDEX jobs_unique ON jobs (queue, unique_key) WHERE unique_key IS NOT NULL AND state = 'ready';

-- Lanes that hold work, in the order of their turn, so that no lane waits behind another's backlog.
CREATE TABLE job_lanes (
    queue TEXT NOT NULL,
    lane TEXT NOT NULL,
    turn BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- Nothing in it is taken before.
    rests_until BIGINT NOT NULL DEFAULT 0,
    -- By the lane first: that alone tells nearly all apart.
    PRIMARY KEY (lane, queue)
);
CREATE INDEX job_lanes_turn ON job_lanes (queue, turn, due_at);

-- The processes that do it, as each told of itself last.
CREATE TABLE nodes (
    name TEXT PRIMARY KEY,
    id uuid NOT NULL,
    version TEXT NOT NULL,
    -- The newest migration that the program knows.
    schema BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    leaving BOOLEAN NOT NULL
);

CREATE TABLE events (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id uuid NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- Of no interest from then on; NULL: for as long as events are kept.
    passes_at BIGINT,
    -- The transaction that published it. Readers see only events of transactions older than every running one, in the
    -- order of transactions, so none is skipped: a sequence number alone may be taken early and committed late.
    txid BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)
);
CREATE INDEX events_by_org ON events (org_id, txid, seq);
CREATE INDEX events_passing ON events (passes_at) WHERE passes_at IS NOT NULL;

CREATE TABLE idempotency (
    org_id uuid NOT NULL,
    key TEXT NOT NULL,
    request_hash bytea NOT NULL,
    status BIGINT,
    response TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, key)
);

CREATE TABLE audit (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    details TEXT NOT NULL,
    address TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
-- What was done with one thing, such as a conversation.
CREATE INDEX audit_by_target ON audit (org_id, target, id);

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);

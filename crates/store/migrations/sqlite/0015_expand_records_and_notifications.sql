-- What an organisation keeps of its business, and what it tells people because of it.

CREATE TABLE record_kinds (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    -- The fields that its records have, as JSON.
    fields TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX record_kinds_name ON record_kinds (org_id, name);

CREATE TABLE records (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind_id BLOB NOT NULL,
    external_id TEXT NOT NULL,
    contact_id BLOB,
    -- The days in its fields, and everything else, as JSON.
    dates TEXT NOT NULL,
    data TEXT NOT NULL,
    find_text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX records_external_id ON records (org_id, kind_id, external_id);
CREATE INDEX records_by_time ON records (org_id, kind_id, created_at, id);
CREATE INDEX records_by_contact ON records (org_id, contact_id);

-- The days in records, to be found by.
CREATE TABLE record_dates (
    org_id BLOB NOT NULL,
    record_id BLOB NOT NULL,
    field TEXT NOT NULL,
    kind_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (org_id, record_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_dates_by_day ON record_dates (org_id, kind_id, field, day, record_id);

-- What contacts are called in other systems.
CREATE TABLE contact_references (
    org_id BLOB NOT NULL,
    reference TEXT NOT NULL,
    contact_id BLOB NOT NULL,
    PRIMARY KEY (org_id, reference)
) STRICT;
CREATE INDEX contact_references_by_contact ON contact_references (org_id, contact_id);
CREATE INDEX contacts_by_email ON contacts (org_id, email) WHERE email IS NOT NULL;

-- Other systems that records are fetched from.
CREATE TABLE connectors (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind_id BLOB NOT NULL,
    system TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Address, model and which field of theirs is which of ours, as JSON.
    settings TEXT NOT NULL,
    secret BLOB NOT NULL,
    enabled INTEGER NOT NULL,
    -- How far it has been read, as JSON.
    place TEXT,
    -- What came of the last round, as JSON.
    last_run TEXT,
    next_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

CREATE TABLE notifications (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Template, variables, audience, trigger and the rest, as JSON.
    definition TEXT NOT NULL,
    -- What was due up to then has its run, or is past.
    seen_until INTEGER NOT NULL,
    next_at INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

CREATE TABLE notification_runs (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    notification_id BLOB NOT NULL,
    -- Two runs of one notification never have the same.
    run_key TEXT NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    -- The day it was due where people are.
    day INTEGER NOT NULL,
    -- The notification as it stood when the run began, as JSON.
    definition TEXT NOT NULL,
    -- The last one gone through.
    place BLOB,
    people INTEGER NOT NULL,
    -- What was decided how often, as JSON.
    counts TEXT NOT NULL,
    begun_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX notification_runs_key ON notification_runs (org_id, notification_id, run_key);
CREATE INDEX notification_runs_by_time ON notification_runs (org_id, notification_id, created_at, id);

CREATE TABLE notification_recipients (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    notification_id BLOB NOT NULL,
    contact_id BLOB,
    record_id BLOB,
    -- A notification reaches nobody twice for the same reason.
    once_key TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    message_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX notification_recipients_once ON notification_recipients (org_id, notification_id, once_key);
CREATE INDEX notification_recipients_by_run ON notification_recipients (org_id, run_id, id);
CREATE INDEX notification_recipients_by_contact ON notification_recipients (org_id, contact_id);

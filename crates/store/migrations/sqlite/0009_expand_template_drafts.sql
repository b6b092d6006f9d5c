-- Templates while they are written, what happened to them, and what Meta has announced of them.

ALTER TABLE templates ADD COLUMN ttl_seconds INTEGER;
-- As it was submitted from here: samples are files of ours there.
ALTER TABLE templates ADD COLUMN source TEXT;
-- The category that Meta will give it, and when.
ALTER TABLE templates ADD COLUMN coming_category TEXT;
ALTER TABLE templates ADD COLUMN category_changes_at INTEGER;
-- What Meta said with its state: why, and what it advises.
ALTER TABLE templates ADD COLUMN notice TEXT;

-- A draft with a template is a change to it.
CREATE TABLE template_drafts (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    template_id BLOB,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    definition TEXT NOT NULL,
    state TEXT NOT NULL,
    problem TEXT,
    -- When it was handed to Meta without an answer that we know.
    attempted_at INTEGER,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX template_drafts_latest ON template_drafts (org_id, updated_at);

-- What happened to templates, by whom. They are named, because a template that is gone has a history, too.
CREATE TABLE template_events (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    kind TEXT NOT NULL,
    before TEXT,
    after TEXT,
    details TEXT NOT NULL,
    -- Nobody here: Meta.
    author TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX template_events_of ON template_events (org_id, account_id, name, language, at);
CREATE INDEX template_events_kind ON template_events (org_id, account_id, kind, at);

-- What waits for a template; few rows at any time.
CREATE INDEX outreach_for_template ON outreach (org_id, template_name, template_language) WHERE outcome IN ('queued', 'waiting');

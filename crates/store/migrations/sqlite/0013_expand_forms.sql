-- Collecting consent: forms and what they say, what people send with them, experiments with wordings, links that begin
-- conversations.

CREATE TABLE forms (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    -- Names it in public addresses.
    token TEXT NOT NULL,
    name TEXT NOT NULL,
    number_id BLOB,
    status TEXT NOT NULL,
    double_opt_in TEXT NOT NULL,
    -- What it says now.
    version_id BLOB,
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT forms_token UNIQUE (token)
) STRICT;

-- Never changed: whoever agreed has agreed to these words.
CREATE TABLE form_versions (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    form_id BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    wording TEXT NOT NULL,
    -- Of the exact words shown, by language.
    hashes TEXT NOT NULL,
    published_by TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT form_versions_ordinal UNIQUE (org_id, form_id, ordinal)
) STRICT;

CREATE TABLE form_logos (
    org_id BLOB NOT NULL,
    form_id BLOB NOT NULL,
    mime TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (org_id, form_id)
) STRICT;

CREATE TABLE form_days (
    org_id BLOB NOT NULL,
    form_id BLOB NOT NULL,
    version_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    views INTEGER NOT NULL,
    submitted INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    PRIMARY KEY (org_id, form_id, version_id, day)
) STRICT;

CREATE TABLE form_submissions (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    form_id BLOB NOT NULL,
    version_id BLOB NOT NULL,
    experiment_id BLOB,
    visitor BLOB,
    way TEXT NOT NULL,
    locale TEXT NOT NULL,
    purposes TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    page TEXT NOT NULL,
    double_opt_in TEXT NOT NULL,
    code TEXT,
    state TEXT NOT NULL,
    contact_id BLOB,
    message_id BLOB,
    expires_at INTEGER,
    confirmed_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX form_submissions_latest ON form_submissions (org_id, form_id, id);
CREATE INDEX form_submissions_contact ON form_submissions (org_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE UNIQUE INDEX form_submissions_code ON form_submissions (org_id, code) WHERE code IS NOT NULL;
CREATE INDEX form_submissions_pending ON form_submissions (expires_at) WHERE state = 'pending';

CREATE TABLE form_experiments (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    form_id BLOB NOT NULL,
    name TEXT NOT NULL,
    -- The versions that are compared, as a JSON list of ids; with the first of them the others.
    arms TEXT NOT NULL,
    plan TEXT NOT NULL,
    -- Makes visitors unknowable; forgotten at the end.
    salt BLOB,
    state TEXT NOT NULL,
    started_by TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    -- Enough people had seen each.
    full_at INTEGER,
    ended_at INTEGER,
    adopted_id BLOB,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX form_experiments_one ON form_experiments (org_id, form_id) WHERE state IN ('running', 'settling');
CREATE INDEX form_experiments_settling ON form_experiments (full_at) WHERE state = 'settling';

CREATE TABLE experiment_visits (
    org_id BLOB NOT NULL,
    experiment_id BLOB NOT NULL,
    visitor BLOB NOT NULL,
    version_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    confirmed_at INTEGER,
    PRIMARY KEY (org_id, experiment_id, visitor)
) STRICT;

CREATE TABLE chat_links (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    -- Names it in public addresses.
    token TEXT NOT NULL,
    -- Stands in the message that it fills in.
    code TEXT NOT NULL,
    number_id BLOB NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    -- The words by which writing is agreeing; absent, it is not.
    wording TEXT,
    purposes TEXT NOT NULL,
    status TEXT NOT NULL,
    opened INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT chat_links_token UNIQUE (token),
    CONSTRAINT chat_links_code UNIQUE (org_id, code)
) STRICT;

-- Messages that came by a link.
CREATE TABLE link_entries (
    org_id BLOB NOT NULL,
    link_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    opted_in INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (org_id, link_id, message_id)
) STRICT;
CREATE INDEX link_entries_contact ON link_entries (org_id, contact_id);

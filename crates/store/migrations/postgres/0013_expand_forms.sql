-- Collecting consent: forms and what they say, what people send with them, experiments with wordings, links that begin
-- conversations.

CREATE TABLE forms (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    -- Names it in public addresses.
    token TEXT NOT NULL,
    name TEXT NOT NULL,
    number_id uuid,
    status TEXT NOT NULL,
    double_opt_in TEXT NOT NULL,
    -- What it says now.
    version_id uuid,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT forms_token UNIQUE (token)
);

-- Never changed: whoever agreed has agreed to these words.
CREATE TABLE form_versions (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    form_id uuid NOT NULL,
    ordinal BIGINT NOT NULL,
    wording TEXT NOT NULL,
    -- Of the exact words shown, by language.
    hashes TEXT NOT NULL,
    published_by TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT form_versions_ordinal UNIQUE (org_id, form_id, ordinal)
);

CREATE TABLE form_logos (
    org_id uuid NOT NULL,
    form_id uuid NOT NULL,
    mime TEXT NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (org_id, form_id)
);

CREATE TABLE form_days (
    org_id uuid NOT NULL,
    form_id uuid NOT NULL,
    version_id uuid NOT NULL,
    day BIGINT NOT NULL,
    views BIGINT NOT NULL,
    submitted BIGINT NOT NULL,
    confirmed BIGINT NOT NULL,
    PRIMARY KEY (org_id, form_id, version_id, day)
);

CREATE TABLE form_submissions (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    form_id uuid NOT NULL,
    version_id uuid NOT NULL,
    experiment_id uuid,
    visitor bytea,
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
    contact_id uuid,
    message_id uuid,
    expires_at BIGINT,
    confirmed_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX form_submissions_latest ON form_submissions (org_id, form_id, id);
CREATE INDEX form_submissions_contact ON form_submissions (org_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE UNIQUE INDEX form_submissions_code ON form_submissions (org_id, code) WHERE code IS NOT NULL;
CREATE INDEX form_submissions_pending ON form_submissions (expires_at) WHERE state = 'pending';

CREATE TABLE form_experiments (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    form_id uuid NOT NULL,
    name TEXT NOT NULL,
    -- The versions that are compared, as a JSON list of ids; with the first of them the others.
    arms TEXT NOT NULL,
    plan TEXT NOT NULL,
    -- Makes visitors unknowable; forgotten at the end.
    salt bytea,
    state TEXT NOT NULL,
    started_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- Enough people had seen each.
    full_at BIGINT,
    ended_at BIGINT,
    adopted_id uuid,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX form_experiments_one ON form_experiments (org_id, form_id) WHERE state IN ('running', 'settling');
CREATE INDEX form_experiments_settling ON form_experiments (full_at) WHERE state = 'settling';

CREATE TABLE experiment_visits (
    org_id uuid NOT NULL,
    experiment_id uuid NOT NULL,
    visitor bytea NOT NULL,
    version_id uuid NOT NULL,
    at BIGINT NOT NULL,
    confirmed_at BIGINT,
    PRIMARY KEY (org_id, experiment_id, visitor)
);

CREATE TABLE chat_links (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    -- Names it in public addresses.
    token TEXT NOT NULL,
    -- Stands in the message that it fills in.
    code TEXT NOT NULL,
    number_id uuid NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    -- The words by which writing is agreeing; absent, it is not.
    wording TEXT,
    purposes TEXT NOT NULL,
    status TEXT NOT NULL,
    opened BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT chat_links_token UNIQUE (token),
    CONSTRAINT chat_links_code UNIQUE (org_id, code)
);

-- Messages that came by a link.
CREATE TABLE link_entries (
    org_id uuid NOT NULL,
    link_id uuid NOT NULL,
    message_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    opted_in BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, link_id, message_id)
);
CREATE INDEX link_entries_contact ON link_entries (org_id, contact_id);

ALTER TABLE forms ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON forms TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE form_versions ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON form_versions TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE form_logos ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON form_logos TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE form_days ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON form_days TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE form_submissions ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON form_submissions TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE form_experiments ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON form_experiments TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE experiment_visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON experiment_visits TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE chat_links ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON chat_links TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE link_entries ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON link_entries TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);

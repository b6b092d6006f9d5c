-- What belongs to the people themselves: how else to reach them, how they came in, and what became of what is known of them.

-- IANA name.
ALTER TABLE contacts ADD COLUMN timezone TEXT;

-- Files of contacts that somebody brought in.
CREATE TABLE imports (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    file_name TEXT NOT NULL,
    sha256 bytea NOT NULL,
    sheet TEXT,
    headings TEXT NOT NULL,
    -- Which column is what, and what a member declared; NULL: nobody has said yet.
    plan TEXT,
    state TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    -- The number of the last row that was gone through.
    done BIGINT NOT NULL,
    tally TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Their rows, for as long as the import may be looked at.
CREATE TABLE import_rows (
    org_id uuid NOT NULL,
    import_id uuid NOT NULL,
    number BIGINT NOT NULL,
    cells TEXT NOT NULL,
    verdict TEXT,
    faults TEXT NOT NULL,
    contact_id uuid,
    PRIMARY KEY (org_id, import_id, number)
);
CREATE INDEX import_rows_by_verdict ON import_rows (org_id, import_id, verdict, number);
CREATE INDEX import_rows_by_contact ON import_rows (org_id, contact_id) WHERE contact_id IS NOT NULL;

-- Whom never to write to again although nothing is known of them any more: keyed hashes.
CREATE TABLE suppressions (
    org_id uuid NOT NULL,
    kind TEXT NOT NULL,
    hash bytea NOT NULL,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, kind, hash)
);

-- The key of an organisation's hashes, sealed.
CREATE TABLE suppression_keys (
    org_id uuid NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL
);

-- All that is held about a contact, put together in a file that goes away again.
CREATE TABLE contact_exports (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    state TEXT NOT NULL,
    language TEXT NOT NULL,
    sha256 bytea,
    size BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX contact_exports_by_contact ON contact_exports (org_id, contact_id);
CREATE INDEX contact_exports_expiring ON contact_exports (expires_at);

-- People who were erased: what was deleted, in numbers. Nothing here says who it was.
CREATE TABLE erasures (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    state TEXT NOT NULL,
    step TEXT NOT NULL,
    suppressed BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    counts TEXT NOT NULL,
    request_hash bytea NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX erasures_contact ON erasures (org_id, contact_id);

-- How long an organisation keeps what; what has no row is kept.
CREATE TABLE retention (
    org_id uuid NOT NULL,
    what TEXT NOT NULL,
    days BIGINT NOT NULL,
    PRIMARY KEY (org_id, what)
);

ALTER TABLE imports ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON imports TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE import_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON import_rows TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE suppressions ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON suppressions TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE suppression_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON suppression_keys TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE contact_exports ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contact_exports TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON erasures TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE retention ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON retention TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);

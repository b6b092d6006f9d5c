-- What belongs to the people themselves: how else to reach them, how they came in, and what became of what is known of them.

-- IANA name.
ALTER TABLE contacts ADD COLUMN timezone TEXT;

-- Files of contacts that somebody brought in.
CREATE TABLE imports (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    file_name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    sheet TEXT,
    headings TEXT NOT NULL,
    -- Which column is what, and what a member declared; NULL: nobody has said yet.
    plan TEXT,
    state TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    -- The number of the last row that was gone through.
    done INTEGER NOT NULL,
    tally TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Their rows, for as long as the import may be looked at.
CREATE TABLE import_rows (
    org_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    cells TEXT NOT NULL,
    verdict TEXT,
    faults TEXT NOT NULL,
    contact_id BLOB,
    PRIMARY KEY (org_id, import_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_rows_by_verdict ON import_rows (org_id, import_id, verdict, number);
CREATE INDEX import_rows_by_contact ON import_rows (org_id, contact_id) WHERE contact_id IS NOT NULL;

-- Whom never to write to again although nothing is known of them any more: keyed hashes.
CREATE TABLE suppressions (
    org_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    hash BLOB NOT NULL,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, kind, hash)
) STRICT, WITHOUT ROWID;

-- The key of an organisation's hashes, sealed.
CREATE TABLE suppression_keys (
    org_id BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

-- All that is held about a contact, put together in a file that goes away again.
CREATE TABLE contact_exports (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    state TEXT NOT NULL,
    language TEXT NOT NULL,
    sha256 BLOB,
    size INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX contact_exports_by_contact ON contact_exports (org_id, contact_id);
CREATE INDEX contact_exports_expiring ON contact_exports (expires_at);

-- People who were erased: what was deleted, in numbers. Nothing here says who it was.
CREATE TABLE erasures (
    org_id BLOB NOT NULL,
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    state TEXT NOT NULL,
    step TEXT NOT NULL,
    suppressed INTEGER NOT NULL,
    reason TEXT NOT NULL,
    counts TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX erasures_contact ON erasures (org_id, contact_id);

-- How long an organisation keeps what; what has no row is kept.
CREATE TABLE retention (
    org_id BLOB NOT NULL,
    what TEXT NOT NULL,
    days INTEGER NOT NULL,
    PRIMARY KEY (org_id, what)
) STRICT, WITHOUT ROWID;
